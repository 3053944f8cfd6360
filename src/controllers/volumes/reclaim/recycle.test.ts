/** Recycling: from the pod that empties a volume to its next use, or to the reason why not. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { persistentVolumes } from '#api/generated/kinds.gen.ts';
import { printed } from '#testing/controllers/plans.ts';
import { storedVolume } from '#testing/objects/volumes.ts';
import { longAgo, ownedBy, type PodTraits, storedPod } from '#testing/objects.ts';
import { decideRecycling, type RecycleView } from './recycle.ts';
import { recyclerPod } from './recycler-pod.ts';

const claimRef = { namespace: 'default', name: 'c', uid: 'c' };
const released = (spec = {}, phase = 'Released') =>
  storedVolume('v', { claimRef, persistentVolumeReclaimPolicy: 'Recycle', ...spec }, {}, phase);
const ours = { ownerReferences: [ownedBy(persistentVolumes, released())] };
const pod = (traits: PodTraits) => storedPod('recycler-for-v', traits);
const again = 'again after 15000 ms';
const status = 'update PersistentVolume v/status';
const failed = (why: string) => `event Warning VolumeFailedRecycle ${JSON.stringify(why)}`;
const remove = 'delete Pod default/recycler-for-v';

const rows: [string, Partial<RecycleView>, string[]][] = [
  ['released', {}, ['create Pod default/recycler-for-v', again]],
  [
    'still used',
    { users: ['default/p', 'default/q'] },
    ['event Normal VolumeFailedRecycle "Volume is used by pods: default/p,default/q"', again],
  ],
  [
    'of a kind without a recycler',
    { volume: { ...released(), spec: { claimRef, local: { path: '/x' } } } },
    [status, failed('No recycler plugin found for the volume!'), again],
  ],
  ['its pod running', { pod: pod({ metadata: ours }) }, []],
  ['its pod terminating', { pod: pod({ metadata: { ...ours, deletionTimestamp: longAgo } }) }, [again]],
  [
    'its pod succeeded',
    { pod: pod({ metadata: ours, phase: 'Succeeded' }) },
    [remove, 'event Normal VolumeRecycled "Volume recycled"', 'update PersistentVolume v'],
  ],
  [
    'its pod failed',
    { pod: pod({ metadata: ours, phase: 'Failed', status: { phase: 'Failed', message: 'no disk' } }) },
    [remove, status, failed('Recycle failed: failed to recycle volume: no disk'), again],
  ],
  [
    'its pod failed again',
    { volume: released({}, 'Failed'), pod: pod({ metadata: ours, phase: 'Failed' }) },
    [remove, again],
  ],
  [
    'a pod of that name by a user',
    { pod: pod({ phase: 'Succeeded' }) },
    [remove, status, failed('Recycle failed: old recycler pod found, will retry later'), again],
  ],
];
for (const [title, view, plan] of rows) {
  test(`a volume – ${title} – ${plan[0] ?? 'waits'}`, () => {
    const whole = { volume: released(), pod: undefined, users: [], ...view };
    assert.deepEqual(printed(decideRecycling(whole)), plan);
  });
}

const limits: [string, object, number][] = [
  ['a host path of 1Gi', {}, 60],
  ['a host path of 100Gi', { capacity: { storage: '100Gi' } }, 3000],
];
for (const [title, spec, seconds] of limits) {
  test(`a recycler pod – for ${title} – has ${seconds} seconds`, () => {
    const { spec: podSpec } = recyclerPod(released(spec)) ?? {};
    assert.equal(podSpec?.activeDeadlineSeconds, seconds);
    assert.deepEqual(podSpec?.volumes, [{ name: 'vol', hostPath: { path: '/tmp/v' } }]);
  });
}
