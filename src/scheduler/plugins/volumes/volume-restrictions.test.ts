/**
 * VolumeRestrictions: claims with ReadWriteOncePod in use, preemption of their user, and what wakes a pod.
 */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { KubeObject } from '#api/meta/object.ts';
import { newClaim, storedClaim } from '#testing/objects/volumes.ts';
import { makePod, type PodShape } from '#testing/scheduling/objects.ts';
import {
  type ClusterShape,
  clusterOf,
  isHelpedBy,
  nodeEvent,
  podEvent,
  rejectionsOf,
  type Verdict,
  verdictOf,
} from '#testing/scheduling/plugin.ts';
import { Rejection } from '../../framework.ts';
import { volumeRestrictions } from './volume-restrictions.ts';

const inUse = new Rejection('VolumeRestrictions', [
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
]);
const missing = new Rejection('VolumeRestrictions', ['persistentvolumeclaim "none" not found'], true);
const claims: Record<string, ReturnType<typeof storedClaim>> = {
  exclusive: storedClaim('exclusive', {}, { accessModes: ['ReadWriteOncePod'] }),
  second: storedClaim('second', {}, { accessModes: ['ReadWriteOncePod'] }),
  shared: storedClaim('shared', {}, { accessModes: ['ReadWriteMany'] }),
};
const using = (...names: string[]): PodShape => ({
  spec: { volumes: names.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })) },
});
const clusterWith = (placed: PodShape): ClusterShape => ({
  nodes: [{ name: 'a' }, { name: 'b' }],
  pods: [{ ...placed, nodeName: 'a' }],
  listers: { claim: (_namespace, name) => claims[name] },
});

const noDisk = new Rejection('VolumeRestrictions', ['node(s) had no available disk']);
const target = (iqn: string, readOnly = false): PodShape => ({
  spec: { volumes: [{ name: 'v', iscsi: { iqn, lun: 0, targetPortal: 'p', readOnly } }] },
});

const filtered: [string, PodShape, PodShape, Verdict][] = [
  ['a disk that a pod of one node has', target('i'), target('i'), [noDisk, 'fits']],
  ['a disk that both only read', target('i', true), target('i', true), ['fits', 'fits']],
  ['another disk', target('i'), target('j'), ['fits', 'fits']],
  ['no claims', {}, using('exclusive'), 'skipped'],
  ['a shared claim', using('shared'), using('shared'), 'skipped'],
  ['a claim that does not exist', using('none'), {}, missing],
  ['an exclusive claim that is free', using('exclusive'), using('shared'), ['fits', 'fits']],
  ['an exclusive claim in use, on every node', using('exclusive'), using('exclusive'), [inUse, inUse]],
  ['one of two claims in use', using('second', 'exclusive'), using('exclusive'), [inUse, inUse]],
  [
    'a claim of that name in another namespace',
    using('exclusive'),
    { ...using('exclusive'), namespace: 'n' },
    ['fits', 'fits'],
  ],
];

for (const [title, pod, placed, expected] of filtered) {
  test(`filter – ${title}`, () => {
    assert.deepEqual(rejectionsOf(volumeRestrictions, pod, clusterWith(placed)), expected);
  });
}

test('filter – the user of the claim is removed and added again – follows the trial', () => {
  const { view, nodes } = clusterOf(clusterWith(using('exclusive')));
  const filtering = volumeRestrictions.preFilter?.(makePod(using('exclusive')), view);
  assert.ok(filtering && !(filtering instanceof Rejection));
  const [node] = nodes;
  const [user] = node!.pods.values();
  filtering.removePod?.(user!, node!);
  assert.deepEqual(verdictOf(filtering, nodes), ['fits', 'fits']);
  filtering.addPod?.(user!, node!);
  assert.deepEqual(verdictOf(filtering, nodes), [inUse, inUse]);
});

const deletions: [string, PodShape, boolean][] = [
  ['uses the claim', using('exclusive'), true],
  ['uses another claim', using('second'), false],
  ['uses no claim', {}, false],
  ['uses a claim of another namespace', { ...using('exclusive'), namespace: 'n' }, false],
];

for (const [title, deleted, expected] of deletions) {
  test(`hint – a deleted pod ${title} – ${expected ? 'wakes' : 'does not wake'} the pod`, () => {
    const event = podEvent('Pod/AssignedDelete', deleted);
    assert.equal(isHelpedBy(volumeRestrictions, makePod(using('exclusive')), event), expected);
  });
}

const claimHints: [string, KubeObject, KubeObject | undefined, boolean][] = [
  ["the pod's claim is added", newClaim('exclusive'), undefined, true],
  ["the pod's claim is updated", newClaim('exclusive'), newClaim('exclusive'), false],
  ['another claim is added', newClaim('other'), undefined, false],
  [
    'a claim of another namespace is added',
    newClaim('exclusive', { metadata: { namespace: 'n' } }),
    undefined,
    false,
  ],
];

for (const [title, object, oldObject, expected] of claimHints) {
  test(`hint – ${title} – ${expected ? 'wakes' : 'does not wake'} the pod`, () => {
    const event = { kind: 'PersistentVolumeClaim' as const, object, ...(oldObject ? { oldObject } : {}) };
    assert.equal(isHelpedBy(volumeRestrictions, makePod(using('exclusive')), event), expected);
  });
}

test('hint – a node is added – wakes the pod', () => {
  const pod = makePod(using('exclusive'));
  assert.equal(isHelpedBy(volumeRestrictions, pod, nodeEvent('Node/Add', { name: 'a' })), true);
});
