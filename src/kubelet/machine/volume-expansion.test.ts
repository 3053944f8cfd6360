/** The node's part of growing a claim, against a real API server. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespaces, persistentVolumeClaims } from '#api/generated/kinds.gen.ts';
import { systemEnv } from '#host/system-env.ts';
import { newClaim, storedVolume } from '#testing/objects/volumes.ts';
import { storedPod } from '#testing/objects.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import type { VolumeContext } from '../volumes/volume.ts';
import { expandOnNode } from './volume-expansion.ts';

/** A claim of 1Gi whose volume has 2Gi; the rest is left to the node. */
async function start(env = systemEnv()) {
  const api = await startTestServer({ env });
  const { client } = api;
  await client.create(namespaces, { metadata: { name: 'default' } });
  const spec = {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
    volumeName: 'pv',
  };
  const made = await client.create(persistentVolumeClaims, newClaim('data', { spec }));
  const status = {
    phase: 'Bound',
    capacity: { storage: '1Gi' },
    allocatedResourceStatuses: { storage: 'NodeResizePending' },
    conditions: [{ type: 'FileSystemResizePending', status: 'True' }],
  };
  const claim = await client.update(persistentVolumeClaims, { ...made, status }, { subresource: 'status' });
  const recorded: string[] = [];
  const events = {
    event: ({ kind }: { kind?: string }, type: string, reason: string, message: string) =>
      void recorded.push(`${kind} ${type} ${reason} ${message}`),
  };
  const volume = storedVolume('pv', { capacity: { storage: '2Gi' } });
  const context = {
    env,
    client,
    pod: storedPod('p', { node: 'n1' }),
    claimed: { claim, volume },
  } as unknown as VolumeContext;
  const now = async () => (await client.get(persistentVolumeClaims, claim.metadata)).status ?? {};
  return { api, context, events, recorded, now };
}

test('a volume – that grows on the node – is reported with its size, and the conditions go', async () => {
  const { api, context, events, recorded, now } = await start();
  await using _ = api;
  let during: unknown;
  await expandOnNode(context, events, async () => {
    during = (await now()).allocatedResourceStatuses;
  });
  assert.deepEqual(during, { storage: 'NodeResizeInProgress' });
  const { capacity, allocatedResourceStatuses, conditions } = await now();
  assert.deepEqual(
    [capacity, allocatedResourceStatuses, conditions],
    [{ storage: '2Gi' }, undefined, undefined],
  );
  const message =
    'Normal FileSystemResizeSuccessful MountVolume.NodeExpandVolume succeeded for volume "pv" n1';
  assert.deepEqual(recorded, [`Pod ${message}`, `PersistentVolumeClaim ${message}`]);
});

test('a volume – that cannot grow on the node – is reported with the reason, and keeps no pod from running', async () => {
  const { api, context, events, recorded, now } = await start();
  await using _ = api;
  await expandOnNode(context, events, async () => {
    throw new Error('the disk is busy');
  });
  const { capacity, conditions } = await now();
  assert.deepEqual(capacity, { storage: '1Gi' });
  assert.deepEqual(
    conditions?.map(({ type, message }) => `${type} ${message ?? ''}`),
    ['NodeResizeError failed to expand pvc with the disk is busy', 'FileSystemResizePending '],
  );
  assert.equal(
    recorded[0],
    'Pod Warning VolumeResizeFailed NodeExpandVolume.NodeExpandVolume failed for volume "pv" : the disk is busy',
  );
});
