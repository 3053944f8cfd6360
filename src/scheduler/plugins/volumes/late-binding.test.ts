/** Scheduler and binder together: pods get the node where their volumes are or are created. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSchedulerConfiguration } from '#api/configuration/scheduler/scheduler-configuration.ts';
import {
  events,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  storageClasses,
} from '#api/generated/kinds.gen.ts';
import type { PersistentVolumeSpec } from '#api/generated/types.gen.ts';
import { persistentVolumeBinder } from '#controllers/volumes/binder/binder.ts';
import { type ControlledCluster, withControllers } from '#testing/controllers/controlled-cluster.ts';
import { newPod } from '#testing/objects.ts';
import type { JsonObject } from '#wire/json/value.ts';
import { startScheduler } from '../../scheduler.ts';

const namespace = 'default';
const hostname = 'kubernetes.io/hostname';

function withScheduler(
  body: (cluster: ControlledCluster) => Promise<void>,
  section: JsonObject = {},
): Promise<void> {
  return withControllers([persistentVolumeBinder], async (cluster) => {
    const scheduler = startScheduler({ ...cluster, configuration: readSchedulerConfiguration(section) });
    try {
      for (const name of ['a', 'b']) {
        await cluster.client.create(nodes, { metadata: { name, labels: { [hostname]: name } } });
        const status = { allocatable: { cpu: '4', memory: '8Gi', pods: '110' } };
        await cluster.client.patch(nodes, { name }, 'merge', { status }, { subresource: 'status' });
      }
      await body(cluster);
    } finally {
      scheduler.stop();
    }
  });
}

async function makeClaims({ client }: ControlledCluster, names: string[], provisioner: string) {
  await client.create(storageClasses, {
    metadata: { name: 's' },
    provisioner,
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  const resources = { requests: { storage: '1Gi' } };
  const spec = { accessModes: ['ReadWriteOnce'], storageClassName: 's', resources };
  for (const name of names) {
    await client.create(persistentVolumeClaims, { metadata: { name, namespace }, spec });
  }
}

function makeVolume(
  { client }: ControlledCluster,
  name: string,
  node: string,
  more: PersistentVolumeSpec = {},
) {
  const term = { matchExpressions: [{ key: hostname, operator: 'In', values: [node] }] };
  const spec = {
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '1Gi' },
    local: { path: `/mnt/${name}` },
    storageClassName: 's',
    nodeAffinity: { required: { nodeSelectorTerms: [term] } },
    ...more,
  };
  return client.create(persistentVolumes, { metadata: { name }, spec });
}

function makePod({ client }: ControlledCluster, name: string, claimName: string) {
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName } }];
  return client.create(pods, newPod(name, { volumes }));
}

function nodeOf({ client, eventually }: ControlledCluster, name: string): Promise<string> {
  return eventually(`${name} has a node`, async () => {
    const pod = await client.get(pods, { namespace, name });
    return pod.spec?.nodeName;
  });
}

test('two pods and two local volumes – each pod gets a volume of its own and that volume’s node', () =>
  withScheduler(async (cluster) => {
    await makeVolume(cluster, 'on-a', 'a');
    await makeVolume(cluster, 'on-b', 'b');
    await makeClaims(cluster, ['c', 'd'], 'kubernetes.io/no-provisioner');
    await Promise.all([makePod(cluster, 'p', 'c'), makePod(cluster, 'q', 'd')]);
    const placed = [await nodeOf(cluster, 'p'), await nodeOf(cluster, 'q')];
    assert.deepEqual(placed.sort(), ['a', 'b']);
    for (const [pod, name] of [
      ['p', 'c'],
      ['q', 'd'],
    ] as const) {
      const claim = await cluster.client.get(persistentVolumeClaims, { namespace, name });
      assert.equal(claim.spec?.volumeName, `on-${await nodeOf(cluster, pod)}`);
    }
  }));

test('a pod – no volume, then one – is placed as soon as it appears', () =>
  withScheduler(async (cluster) => {
    await makeClaims(cluster, ['c'], 'kubernetes.io/no-provisioner');
    await makePod(cluster, 'p', 'c');
    const message = await cluster.eventually('the pod is unschedulable', async () => {
      const { items } = await cluster.client.list(events, { namespace });
      return items.find(({ reason }) => reason === 'FailedScheduling')?.message;
    });
    assert.match(
      message,
      /^0\/2 nodes are available: 2 node\(s\) didn't find available persistent volumes to bind\./,
    );
    await makeVolume(cluster, 'on-b', 'b');
    assert.equal(await nodeOf(cluster, 'p'), 'b');
  }));

test('a claim to provision – the provisioner rejects the first node, then serves – the pod waits for its volume', () =>
  withScheduler(async (cluster) => {
    const { client } = cluster;
    await makeClaims(cluster, ['c'], 'example.com/disks');
    await makePod(cluster, 'p', 'c');
    const chosenNode = () =>
      cluster.eventually('a node is chosen', async () => {
        const { metadata } = await client.get(persistentVolumeClaims, { namespace, name: 'c' });
        const asked =
          metadata.annotations?.['volume.kubernetes.io/storage-provisioner'] === 'example.com/disks';
        return asked && metadata.annotations?.['volume.kubernetes.io/selected-node'];
      });
    const first = await chosenNode();
    const shown = await client.get(pods, { namespace, name: 'p' });
    assert.deepEqual([shown.spec?.nodeName, shown.status?.nominatedNodeName], [undefined, first]);
    const claim = await client.get(persistentVolumeClaims, { namespace, name: 'c' });
    const { 'volume.kubernetes.io/selected-node': _, ...annotations } = claim.metadata.annotations ?? {};
    await client.update(persistentVolumeClaims, { ...claim, metadata: { ...claim.metadata, annotations } });
    const failure = await cluster.eventually('the failure is reported', async () => {
      const { items } = await client.list(events, { namespace });
      return items.find(({ reason }) => reason === 'FailedScheduling')?.message;
    });
    assert.equal(
      failure,
      'running PreBind plugin "VolumeBinding": binding volumes: provisioning failed for PVC "c"',
    );
    const node = await chosenNode();
    const { uid } = claim.metadata;
    await makeVolume(cluster, `pvc-${uid}`, node, { claimRef: { namespace, name: 'c', uid } });
    assert.equal(await nodeOf(cluster, 'p'), node);
  }));

test('a claim to provision – no time for it by the arguments – the failure is reported at once', () =>
  withScheduler(
    async (cluster) => {
      await makeClaims(cluster, ['c'], 'example.com/disks');
      await makePod(cluster, 'p', 'c');
      const failure = await cluster.eventually('the failure is reported', async () => {
        const { items } = await cluster.client.list(events, { namespace });
        return items.find(({ reason }) => reason === 'FailedScheduling')?.message;
      });
      assert.equal(
        failure,
        'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded',
      );
    },
    { profiles: [{ pluginConfig: [{ name: 'VolumeBinding', args: { bindTimeoutSeconds: 0 } }] }] },
  ));
