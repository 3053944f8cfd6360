/** Node-local storage as an external provisioner, deleter and resizer, against a real API server. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  storageClasses,
} from '#api/generated/kinds.gen.ts';
import type { PersistentVolume, StorageClass } from '#api/generated/types.gen.ts';
import { type ControlledCluster, withControllers } from '#testing/controllers/controlled-cluster.ts';
import { newClaim } from '#testing/objects/volumes.ts';
import type { NodeStorage, StorageRequest } from './node/node-storage.ts';
import { startStorage } from './start-storage.ts';
import { provisionerName } from './volumes/names.ts';

/** Remembers what it was asked for; fails with `failure` while that is set. */
class RecordedStorage implements NodeStorage {
  readonly calls: string[] = [];
  failure: string | undefined;
  async provision({ name, isEnforced }: StorageRequest) {
    this.#note(`provision ${isEnforced}`);
    return `/storage/${name}`;
  }
  async remove() {
    this.#note('remove');
  }
  async expand(_: string, sizeBytes: number) {
    this.#note(`expand ${sizeBytes}`);
  }
  async restore() {}
  #note(call: string): void {
    if (this.failure) throw new Error(this.failure);
    this.calls.push(call);
  }
}

async function withStorage(
  body: (cluster: ControlledCluster, storage: RecordedStorage) => Promise<void>,
): Promise<void> {
  const storage = new RecordedStorage();
  await withControllers([], async (cluster) => {
    const { client, env, informers } = cluster;
    await client.create(nodes, {
      metadata: { name: 'n1', labels: { 'kubernetes.io/hostname': 'host-1' } },
    });
    const running = startStorage({ env, client, informers, storages: new Map([['n1', storage]]) });
    try {
      await body(cluster, storage);
    } finally {
      await running.stop();
    }
  });
}

const standard: StorageClass = {
  metadata: { name: 'standard' },
  provisioner: provisionerName,
  volumeBindingMode: 'WaitForFirstConsumer',
  reclaimPolicy: 'Delete',
  allowVolumeExpansion: true,
};
const annotations = {
  'volume.kubernetes.io/storage-provisioner': provisionerName,
  'volume.kubernetes.io/selected-node': 'n1',
};
const claim = newClaim('data', {
  metadata: { annotations },
  spec: {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
    storageClassName: 'standard',
  },
});

/** Creates class and claim, and waits for the volume. */
async function provisioned({ client, eventually }: ControlledCluster, more: Partial<StorageClass> = {}) {
  await client.create(storageClasses, { ...standard, ...more });
  await client.create(persistentVolumeClaims, claim);
  return eventually('the volume', async () => (await client.list(persistentVolumes)).items[0]);
}

/** As the binder does it when the claim is gone. */
async function release({ client }: ControlledCluster, volume: PersistentVolume): Promise<void> {
  await client.update(
    persistentVolumes,
    { ...volume, status: { phase: 'Released' } },
    { subresource: 'status' },
  );
}

test('a claim – whose node was chosen – gets a volume on that node, named after it', async () => {
  await withStorage(async (cluster, storage) => {
    const { metadata, spec } = await provisioned(cluster);
    const { uid } = await cluster.client
      .get(persistentVolumeClaims, claim.metadata)
      .then((it) => it.metadata);
    assert.deepEqual(
      [metadata.name, metadata.annotations, spec?.local, spec?.claimRef?.uid, spec?.capacity],
      [
        `pvc-${uid}`,
        { 'pv.kubernetes.io/provisioned-by': provisionerName },
        { path: `/storage/pvc-${uid}` },
        uid,
        { storage: '1Gi' },
      ],
    );
    assert.deepEqual(spec?.nodeAffinity?.required?.nodeSelectorTerms, [
      { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['host-1'] }] },
    ]);
    assert.deepEqual(storage.calls, ['provision false']);
    assert.deepEqual(await cluster.events(), [
      'Provisioning External provisioner is provisioning volume for claim "default/data"',
      `ProvisioningSucceeded Successfully provisioned volume pvc-${uid}`,
    ]);
  });
});

test('a claim – the node’s storage fails – hears why, and gets its volume when it works again', async () => {
  await withStorage(async (cluster, storage) => {
    storage.failure = 'the disk is on fire';
    await cluster.client.create(storageClasses, standard);
    await cluster.client.create(persistentVolumeClaims, claim);
    const message =
      'ProvisioningFailed failed to provision volume with StorageClass "standard": the disk is on fire';
    await cluster.eventually('the event', async () => (await cluster.events()).includes(message));
    storage.failure = undefined;
    await cluster.eventually('a volume', async () => {
      return (await cluster.client.list(persistentVolumes)).items.length === 1;
    });
  });
});

test('a released volume – to be deleted – goes with its storage, once that can be removed', async () => {
  await withStorage(async (cluster, storage) => {
    const volume = await provisioned(cluster);
    storage.failure = 'busy';
    await release(cluster, volume);
    await cluster.eventually('the event', async () =>
      (await cluster.events()).includes('VolumeFailedDelete busy'),
    );
    assert.equal((await cluster.client.list(persistentVolumes)).items.length, 1);
    storage.failure = undefined;
    await cluster.eventually('no volume', async () => {
      return (await cluster.client.list(persistentVolumes)).items.length === 0;
    });
    assert.ok(storage.calls.includes('remove'));
  });
});

test('a released volume – to be retained – stays with its storage, and can be deleted by hand', async () => {
  await withStorage(async (cluster, storage) => {
    const volume = await provisioned(cluster, { reclaimPolicy: 'Retain' });
    await release(cluster, volume);
    await cluster.clock.advance(60_000);
    await cluster.client.delete(persistentVolumes, { name: volume.metadata.name });
    assert.deepEqual((await cluster.client.list(persistentVolumes)).items, []);
    assert.deepEqual(storage.calls, ['provision false']);
  });
});

test('a bound claim – that asks for more – gets it, with conditions and events on the way', async () => {
  await withStorage(async (cluster, storage) => {
    const { client } = cluster;
    const volume = await provisioned(cluster);
    const found = await client.get(persistentVolumeClaims, claim.metadata);
    const status = { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] };
    const bound = await client.update(persistentVolumeClaims, {
      ...found,
      spec: { ...found.spec, volumeName: volume.metadata.name },
    });
    const current = await client.update(
      persistentVolumeClaims,
      { ...bound, status },
      { subresource: 'status' },
    );
    storage.failure = 'not now';
    await client.update(persistentVolumeClaims, {
      ...current,
      spec: { ...current.spec, resources: { requests: { storage: '2Gi' } } },
    });
    const resizing = await cluster.eventually('the condition', async () => {
      const { status } = await client.get(persistentVolumeClaims, claim.metadata);
      return status?.conditions && status;
    });
    assert.deepEqual(
      [
        resizing.conditions?.map(({ type, status }) => `${type} ${status}`),
        resizing.allocatedResourceStatuses,
      ],
      [['Resizing True'], { storage: 'ControllerResizeInProgress' }],
    );
    storage.failure = undefined;
    const done = await cluster.eventually('the size', async () => {
      const { status } = await client.get(persistentVolumeClaims, claim.metadata);
      return status?.capacity?.['storage'] === '2Gi' && status;
    });
    assert.deepEqual([done.conditions, done.allocatedResourceStatuses], [undefined, undefined]);
    const { spec } = await client.get(persistentVolumes, { name: volume.metadata.name });
    assert.deepEqual(spec?.capacity, { storage: '2Gi' });
    assert.ok(storage.calls.includes(`expand ${2 * 2 ** 30}`));
    const name = volume.metadata.name;
    assert.deepEqual((await cluster.events()).slice(2), [
      `Resizing External resizer is resizing volume ${name}`,
      `VolumeResizeFailed resize volume "${name}" by resizer "${provisionerName}" failed: not now`,
      'VolumeResizeSuccessful Resize volume succeeded',
    ]);
  });
});
