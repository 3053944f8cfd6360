/** Volumes stay while a claim is bound to them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { persistentVolumes } from '#api/generated/kinds.gen.ts';
import { withControllers } from '#testing/controllers/controlled-cluster.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { longAgo, storedMetadata } from '#testing/objects.ts';
import { pvProtection } from './pv-protection.ts';

const finalizers = ['kubernetes.io/pv-protection'];
const deletionTimestamp = longAgo;
const update = ['update PersistentVolume v'];

const rows: [string, object, string, string[], string[] | undefined][] = [
  ['that lacks the finalizer', {}, 'Available', update, finalizers],
  ['that has it', { finalizers }, 'Available', [], undefined],
  ['deleted while bound', { finalizers, deletionTimestamp }, 'Bound', [], undefined],
  ['deleted and not bound', { finalizers, deletionTimestamp }, 'Released', update, []],
  ['deleted, without the finalizer', { deletionTimestamp }, 'Released', [], undefined],
];
for (const [name, metadata, phase, expected, left] of rows) {
  test(`a volume ${name} – ${expected[0] ?? 'left alone'}`, async () => {
    const volume = { metadata: storedMetadata('v', metadata), status: { phase } };
    const controller = new DryController(pvProtection).put(persistentVolumes, volume);
    assert.deepEqual(await controller.printed('v'), expected);
    const [step] = (await controller.plan('v')).actions;
    assert.deepEqual(step?.do === 'update' ? step.object.metadata?.finalizers : undefined, left);
  });
}

test('a volume – it goes when it is not bound', () =>
  withControllers([pvProtection], async ({ client, clock }) => {
    const key = { name: 'v' };
    const setPhase = (phase: string) =>
      client.patch(persistentVolumes, key, 'merge', { status: { phase } }, { subresource: 'status' });
    await client.create(persistentVolumes, {
      metadata: key,
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '1Gi' },
        hostPath: { path: '/tmp/v' },
      },
    });
    await setPhase('Bound');
    await clock.advance(100);
    await client.delete(persistentVolumes, key);
    await clock.advance(100);
    assert.equal((await client.list(persistentVolumes)).items.length, 1);
    await setPhase('Released');
    await clock.advance(100);
    assert.equal((await client.list(persistentVolumes)).items.length, 0);
  }));
