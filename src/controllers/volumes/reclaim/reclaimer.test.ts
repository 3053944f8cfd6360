/** Released volumes through the API: deleted with their storage, recycled, or left to their provisioner. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { events, persistentVolumeClaims, persistentVolumes, pods } from '#api/generated/kinds.gen.ts';
import type { PersistentVolumeSpec } from '#api/generated/types.gen.ts';
import { type ControlledCluster, withControllers } from '#testing/controllers/controlled-cluster.ts';
import { persistentVolumeBinder } from '../binder/binder.ts';
import { pvProtection } from '../pv-protection.ts';
import { pvcProtection } from '../pvc-protection.ts';
import { persistentVolumeReclaimer } from './reclaimer.ts';

const namespace = 'default';
const resources = { requests: { storage: '1Gi' } };

interface Reclaiming extends ControlledCluster {
  /** What was deleted on the node. */
  readonly deleted: string[];
}

function withReclaimer(body: (cluster: Reclaiming) => Promise<void>, failures = 0): Promise<void> {
  const deleted: string[] = [];
  let left = failures;
  const reclaimer = persistentVolumeReclaimer(async (path) => {
    if (left-- > 0) throw new Error('the disk is gone');
    deleted.push(path);
  });
  const controllers = [persistentVolumeBinder, reclaimer, pvProtection, pvcProtection];
  return withControllers(controllers, (cluster) => body({ ...cluster, deleted }));
}

/** Binds a claim to a volume, and deletes the claim. */
async function release(cluster: Reclaiming, spec: PersistentVolumeSpec, annotations = {}): Promise<void> {
  const { client, eventually } = cluster;
  await client.create(persistentVolumes, {
    metadata: { name: 'v', annotations },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      hostPath: { path: '/tmp/v' },
      persistentVolumeReclaimPolicy: 'Delete',
      ...spec,
    },
  });
  const claim = { accessModes: ['ReadWriteOnce'], storageClassName: '', resources };
  await client.create(persistentVolumeClaims, { metadata: { name: 'c', namespace }, spec: claim });
  await eventually('the claim is bound', async () => {
    const { status } = await client.get(persistentVolumeClaims, { namespace, name: 'c' });
    return status?.phase === 'Bound';
  });
  await client.delete(persistentVolumeClaims, { namespace, name: 'c' });
}

function untilPhase({ client, eventually }: Reclaiming, phase: string) {
  return eventually(`the volume is ${phase}`, async () => {
    const volume = await client.get(persistentVolumes, { name: 'v' });
    return volume.status?.phase === phase && volume;
  });
}

function untilGone({ client, eventually }: Reclaiming) {
  return eventually('the volume is gone', async () => {
    const { items } = await client.list(persistentVolumes);
    return items.length === 0;
  });
}

/** The events of the volume: `reason message`. */
async function eventsOf({ client }: Reclaiming): Promise<string[]> {
  const { items } = await client.list(events);
  return items
    .filter(({ involvedObject }) => involvedObject.kind === 'PersistentVolume')
    .map(({ reason, message }) => `${reason} ${message}`);
}

test('a host path to be deleted – its claim deleted – storage and volume are', () =>
  withReclaimer(async (cluster) => {
    await release(cluster, {});
    await untilGone(cluster);
    // Deleting is repeated while a finalizer keeps the volume.
    assert.deepEqual([...new Set(cluster.deleted)], ['/tmp/v']);
  }));

test('a host path that cannot be deleted – it is Failed, tried again, and then gone', () =>
  withReclaimer(async (cluster) => {
    await release(cluster, {});
    const volume = await untilPhase(cluster, 'Failed');
    assert.equal(volume.status?.message, 'the disk is gone');
    await untilGone(cluster);
    assert.deepEqual(await eventsOf(cluster), ['VolumeFailedDelete the disk is gone']);
  }, 1));

test('a retained volume – its claim deleted – is Released with its data', () =>
  withReclaimer(async (cluster) => {
    await release(cluster, { persistentVolumeReclaimPolicy: 'Retain' });
    await untilPhase(cluster, 'Released');
    await cluster.clock.advance(30_000);
    await untilPhase(cluster, 'Released');
    assert.deepEqual(cluster.deleted, []);
  }));

test('a volume of an external provisioner – its claim deleted – is left to it', () =>
  withReclaimer(async (cluster) => {
    await release(cluster, {}, { 'pv.kubernetes.io/provisioned-by': 'example.com/disks' });
    await untilPhase(cluster, 'Released');
    await cluster.clock.advance(30_000);
    await untilPhase(cluster, 'Released');
    assert.deepEqual(cluster.deleted, []);
  }));

test('a volume to be recycled – its pod succeeds – is available without a claim', () =>
  withReclaimer(async (cluster) => {
    await release(cluster, { persistentVolumeReclaimPolicy: 'Recycle' });
    const key = { namespace, name: 'recycler-for-v' };
    await cluster.eventually('the recycler exists', async () => {
      const { items } = await cluster.client.list(pods, { namespace });
      return items.length > 0;
    });
    const status = { phase: 'Succeeded' };
    await cluster.client.patch(pods, key, 'merge', { status }, { subresource: 'status' });
    const volume = await untilPhase(cluster, 'Available');
    assert.equal(volume.spec?.claimRef, undefined);
    assert.deepEqual(await eventsOf(cluster), ['VolumeRecycled Volume recycled']);
  }));
