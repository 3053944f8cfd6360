/** Classes of volume attributes stay while a claim or a volume names them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  persistentVolumeClaims,
  persistentVolumes,
  volumeAttributesClasses,
} from '#api/generated/kinds.gen.ts';
import { withControllers } from '#testing/controllers/controlled-cluster.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { longAgo, storedMetadata } from '#testing/objects.ts';
import { vacProtection } from './vac-protection.ts';

const finalizers = ['kubernetes.io/vac-protection'];
const deletionTimestamp = longAgo;
const update = ['update VolumeAttributesClass gold'];
const gold = { volumeAttributesClassName: 'gold' };
const modifyVolumeStatus = { status: 'Pending', targetVolumeAttributesClassName: 'gold' };

interface Users {
  readonly claim?: object;
  readonly volume?: object;
}

const rows: [string, object, Users, string[], string[] | undefined][] = [
  ['that lacks the finalizer', {}, {}, update, finalizers],
  ['that has it', { finalizers }, {}, [], undefined],
  ['deleted, wanted by a claim', { finalizers, deletionTimestamp }, { claim: { spec: gold } }, [], undefined],
  [
    'deleted, which the volume of a claim has',
    { finalizers, deletionTimestamp },
    { claim: { status: { currentVolumeAttributesClassName: 'gold' } } },
    [],
    undefined,
  ],
  [
    'deleted, which the volume of a claim is changed to',
    { finalizers, deletionTimestamp },
    { claim: { status: { modifyVolumeStatus } } },
    [],
    undefined,
  ],
  [
    'deleted, which a volume has',
    { finalizers, deletionTimestamp },
    { volume: { spec: gold } },
    [],
    undefined,
  ],
  [
    'deleted, unused',
    { finalizers, deletionTimestamp },
    { claim: { spec: { volumeAttributesClassName: 'silver' } }, volume: { spec: {} } },
    update,
    [],
  ],
];
for (const [name, metadata, { claim, volume }, expected, left] of rows) {
  test(`a class ${name} – ${expected[0] ?? 'left alone'}`, async () => {
    const found = { metadata: storedMetadata('gold', metadata), driverName: 'd' };
    const controller = new DryController(vacProtection).put(volumeAttributesClasses, found);
    if (claim) {
      controller.put(persistentVolumeClaims, {
        metadata: storedMetadata('c', { namespace: 'default' }),
        ...claim,
      });
    }
    if (volume) controller.put(persistentVolumes, { metadata: storedMetadata('v'), ...volume });
    assert.deepEqual(await controller.printed('gold'), expected);
    const [step] = (await controller.plan('gold')).actions;
    assert.deepEqual(step?.do === 'update' ? step.object.metadata?.finalizers : undefined, left);
  });
}

test('a class – deleted – goes with the last volume that has it', () =>
  withControllers([vacProtection], async ({ client, clock }) => {
    await client.create(volumeAttributesClasses, {
      metadata: { name: 'gold' },
      driverName: 'd.example.com',
      parameters: { a: 'b' },
    });
    await client.create(persistentVolumes, {
      metadata: { name: 'v' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '1Gi' },
        csi: { driver: 'd.example.com', volumeHandle: 'h' },
        ...gold,
      },
    });
    await clock.advance(100);
    await client.delete(volumeAttributesClasses, { name: 'gold' });
    await clock.advance(100);
    assert.equal((await client.list(volumeAttributesClasses)).items.length, 1);
    await client.delete(persistentVolumes, { name: 'v' });
    await clock.advance(100);
    assert.equal((await client.list(volumeAttributesClasses)).items.length, 0);
  }));
