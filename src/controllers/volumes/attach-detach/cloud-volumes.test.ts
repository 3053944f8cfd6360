/** Disks of clouds on a real API server, attached by an attacher that the test plays, as upstream's external-attacher acts. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  volumeAttachments,
} from '#api/generated/kinds.gen.ts';
import type { VolumeAttachmentSpec } from '#api/generated/types.gen.ts';
import { attachmentName } from '#api/volumes/csi-names.ts';
import type { Client } from '#client/client.ts';
import { type ControlledCluster, withControllers } from '#testing/controllers/controlled-cluster.ts';
import { newPod } from '#testing/objects.ts';
import { attachDetach } from './attach-detach.ts';

const managed = { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' };
const status = { subresource: 'status' } as const;

async function withNodes(body: (cluster: ControlledCluster) => Promise<void>): Promise<void> {
  await withControllers([attachDetach({ forcedDetach: () => undefined })], body, async ({ client }) => {
    for (const name of ['n1', 'n2']) {
      await client.create(nodes, { metadata: { name, annotations: managed } });
      const conditions = [{ type: 'Ready', status: 'True' }];
      await client.patch(nodes, { name }, 'strategic', { status: { conditions } }, status);
    }
  });
}

/** Attaches what is not yet attached. */
async function attach(client: Client): Promise<VolumeAttachmentSpec[]> {
  const { items } = await client.list(volumeAttachments);
  for (const { metadata, status: found } of items) {
    const attached = { status: { attached: true } };
    if (!found?.attached) await client.patch(volumeAttachments, metadata, 'merge', attached, status);
  }
  return items.map(({ spec }) => spec);
}

/** The attachments, once the status of the node lists the volume. */
async function attachedTo({ client, eventually }: ControlledCluster, node: string, volume: string) {
  await eventually(`${volume} attached to ${node}`, async () => {
    await attach(client);
    const { status: found } = await client.get(nodes, { name: node });
    return found?.volumesAttached?.some(({ name }) => name === volume);
  });
  return attach(client);
}

function detached({ client, eventually }: ControlledCluster): Promise<boolean> {
  return eventually('detached', async () => {
    const { items } = await client.list(volumeAttachments);
    return items.length === 0;
  });
}

const driver = 'pd.csi.storage.gke.io';
const volumeHandle = 'projects/UNSPECIFIED/zones/UNSPECIFIED/disks/pd';
const inlineVolumeSpec = {
  accessModes: ['ReadWriteOnce'],
  csi: { driver, volumeHandle, volumeAttributes: { partition: '' } },
  volumeMode: 'Filesystem',
};

test('a disk that a pod names itself – is attached by its specification, refused to a second node, and detached', () =>
  withNodes(async (cluster) => {
    const { client, eventually, events } = cluster;
    const volumes = [{ name: 'v', gcePersistentDisk: { pdName: 'pd' } }];
    await client.create(pods, newPod('one', { nodeName: 'n1', volumes }));
    const attached = await attachedTo(cluster, 'n1', `kubernetes.io/csi/${driver}^${volumeHandle}`);
    assert.deepEqual(attached, [{ attacher: driver, nodeName: 'n1', source: { inlineVolumeSpec } }]);
    await client.get(volumeAttachments, { name: attachmentName({ driverName: driver, volumeHandle }, 'n1') });
    const success = `SuccessfulAttachVolume AttachVolume.Attach succeeded for volume "${driver}-pd" `;
    await eventually('the event', async () => (await events()).includes(success));

    await client.create(pods, newPod('two', { nodeName: 'n2', volumes }));
    const refusal = `FailedAttachVolume Multi-Attach error for volume "${driver}-pd" Volume is already used by pod(s) one`;
    await eventually('the refusal', async () => (await events()).includes(refusal));
    for (const name of ['one', 'two']) {
      await client.delete(pods, { namespace: 'default', name }, { gracePeriodSeconds: 0 });
    }
    await detached(cluster);
  }));

/** A claim `data`, bound to the volume `pv` of this disk. */
async function bindVolume(client: Client, disk: object): Promise<void> {
  const accessModes = ['ReadWriteOnce'];
  const storage = { storage: '1Gi' };
  const claim = await client.create(persistentVolumeClaims, {
    metadata: { name: 'data', namespace: 'default' },
    spec: { accessModes, resources: { requests: storage }, volumeName: 'pv', storageClassName: '' },
  });
  const claimRef = { namespace: 'default', name: 'data', uid: claim.metadata.uid };
  await client.create(persistentVolumes, {
    metadata: { name: 'pv' },
    spec: { accessModes, capacity: storage, claimRef, ...disk },
  });
  const key = { namespace: 'default', name: 'data' };
  await client.patch(persistentVolumeClaims, key, 'merge', { status: { phase: 'Bound' } }, status);
}

const claimed = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];

test('a disk of a PersistentVolume – is attached by name as its driver’s, and detached', () =>
  withNodes(async (cluster) => {
    const { client } = cluster;
    await bindVolume(client, { awsElasticBlockStore: { volumeID: 'aws://us-east-1a/vol-1' } });
    await client.create(pods, newPod('one', { nodeName: 'n1', volumes: claimed }));
    assert.deepEqual(await attachedTo(cluster, 'n1', 'kubernetes.io/csi/ebs.csi.aws.com^vol-1'), [
      { attacher: 'ebs.csi.aws.com', nodeName: 'n1', source: { persistentVolumeName: 'pv' } },
    ]);
    await client.delete(pods, { namespace: 'default', name: 'one' }, { gracePeriodSeconds: 0 });
    await detached(cluster);
  }));

test('a disk – of a PersistentVolume on one node, that a pod names itself on another – is attached to the first alone', () =>
  withNodes(async (cluster) => {
    const { client, eventually, events } = cluster;
    const gcePersistentDisk = { pdName: 'pd' };
    await bindVolume(client, { gcePersistentDisk });
    await client.create(pods, newPod('one', { nodeName: 'n1', volumes: claimed }));
    const disk = `kubernetes.io/csi/${driver}^${volumeHandle}`;
    await attachedTo(cluster, 'n1', disk);
    await client.create(pods, newPod('two', { nodeName: 'n2', volumes: [{ name: 'v', gcePersistentDisk }] }));
    const refusal = `FailedAttachVolume Multi-Attach error for volume "${driver}-pd" Volume is already used by pod(s) one`;
    await eventually('the refusal', async () => (await events()).includes(refusal));
    assert.deepEqual(
      (await attach(client)).map(({ nodeName }) => nodeName),
      ['n1'],
    );
    await client.delete(pods, { namespace: 'default', name: 'one' }, { gracePeriodSeconds: 0 });
    const moved = await attachedTo(cluster, 'n2', disk);
    assert.deepEqual(moved, [{ attacher: driver, nodeName: 'n2', source: { inlineVolumeSpec } }]);
    await client.delete(pods, { namespace: 'default', name: 'two' }, { gracePeriodSeconds: 0 });
    await detached(cluster);
  }));

test('a disk that cannot be its driver’s – is attached nowhere, and keeps no other of the pod from it', () =>
  withNodes(async (cluster) => {
    const wrong = { name: 'w', awsElasticBlockStore: { volumeID: 'aws://us-east-1a/1' } };
    const volumes = [wrong, { name: 'v', gcePersistentDisk: { pdName: 'pd' } }];
    await cluster.client.create(pods, newPod('one', { nodeName: 'n1', volumes }));
    const attached = await attachedTo(cluster, 'n1', `kubernetes.io/csi/${driver}^${volumeHandle}`);
    assert.deepEqual(
      attached.map(({ attacher }) => attacher),
      [driver],
    );
  }));
