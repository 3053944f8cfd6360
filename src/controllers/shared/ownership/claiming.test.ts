import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods, replicaSets } from '#api/generated/kinds.gen.ts';
import type { Pod, ReplicaSet } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { printed } from '#testing/controllers/plans.ts';
import { longAgo, ownedBy, storedMetadata, storedPod } from '#testing/objects.ts';
import { claim } from './claiming.ts';

const owner: Stored<ReplicaSet> = { metadata: storedMetadata('web', { namespace: 'default' }) };
const other: Stored<ReplicaSet> = { metadata: storedMetadata('other', { namespace: 'default' }) };
const deleted = { metadata: { ...owner.metadata, deletionTimestamp: longAgo } };
const pod = (app: string, by?: Stored<ReplicaSet>, more: object = {}) => {
  const ownerReferences = by ? [ownedBy(replicaSets, by)] : [];
  return storedPod('p', { metadata: { labels: { app }, ownerReferences, ...more } });
};
const reference = JSON.stringify(ownedBy(replicaSets, owner));
const adoption = [
  'assert live ReplicaSet default/web',
  `patch Pod default/p {"metadata":{"ownerReferences":[${reference}],"uid":"p"}} ignoring NotFound, Invalid`,
];
const release = [
  'patch Pod default/p {"metadata":{"ownerReferences":[{"$patch":"delete","uid":"web"}],"uid":"p"}} ignoring NotFound, Invalid',
];

const rows: [string, Stored<ReplicaSet>, Stored<Pod>, boolean, string[]][] = [
  ['its own that matches', owner, pod('web', owner), true, []],
  ['its own that matches no more', owner, pod('x', owner), false, release],
  ['an orphan that matches', owner, pod('web'), true, adoption],
  ['an orphan that does not match', owner, pod('x'), false, []],
  [
    'an orphan that is being deleted',
    owner,
    pod('web', undefined, { deletionTimestamp: longAgo }),
    false,
    [],
  ],
  ["another controller's", owner, pod('web', other), false, []],
  ['an orphan, of an owner that is being deleted', deleted, pod('web'), false, []],
  ['its own that matches no more, of an owner that is being deleted', deleted, pod('x', owner), false, []],
];
for (const [name, by, candidate, isOwned, expected] of rows) {
  test(`${name} – ${isOwned ? 'owned' : 'not owned'}, ${expected.length} steps`, () => {
    const matches = ({ metadata }: Pod) => metadata?.labels?.['app'] === 'web';
    const { owned, actions } = claim(replicaSets, by, pods, [candidate], matches);
    assert.deepEqual([owned.length === 1, printed(actions)], [isOwned, expected]);
  });
}

test('many orphans – the server is asked once whether their owner lives, after releases', () => {
  const candidates = [pod('web'), pod('x', owner), pod('web')];
  const { actions } = claim(
    replicaSets,
    owner,
    pods,
    candidates,
    ({ metadata }) => metadata.labels?.['app'] === 'web',
  );
  assert.deepEqual(
    actions.map((action) => action.do),
    ['patch', 'assertLive', 'patch', 'patch'],
  );
});

test('a finalizer – put on with adoption, taken off with release', () => {
  const withFinalizer = (candidate: Stored<Pod>) =>
    claim(
      replicaSets,
      owner,
      pods,
      [candidate],
      () => candidate.metadata.labels?.['app'] === 'web',
      'x/y',
    ).actions.at(-1);
  const [adopted, released] = [withFinalizer(pod('web')), withFinalizer(pod('x', owner))];
  assert.deepEqual(adopted?.do === 'patch' && adopted.patch, {
    metadata: { ownerReferences: [ownedBy(replicaSets, owner)], uid: 'p', finalizers: ['x/y'] },
  });
  assert.deepEqual(released?.do === 'patch' && released.patch, {
    metadata: {
      ownerReferences: [{ $patch: 'delete', uid: 'web' }],
      uid: 'p',
      '$deleteFromPrimitiveList/finalizers': ['x/y'],
    },
  });
});
