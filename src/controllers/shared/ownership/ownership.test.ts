import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployments, pods, replicaSets } from '#api/generated/kinds.gen.ts';
import type { ReplicaSet } from '#api/generated/types.gen.ts';
import type { OwnerReference, Stored } from '#api/meta/object.ts';
import { StaticInformers } from '#testing/controllers/static-informers.ts';
import { storedMetadata, storedPod } from '#testing/objects.ts';
import {
  claimable,
  controllerOfType,
  controllerReference,
  indexByOwner,
  ownedBy,
  ownerIn,
} from './ownership.ts';

const web: Stored<ReplicaSet> = { metadata: storedMetadata('web', { namespace: 'default' }) };
const reference = controllerReference(replicaSets, web);
const podOf = (name: string, ...ownerReferences: OwnerReference[]) =>
  storedPod(name, { metadata: { ownerReferences } });

test('a reference – to a controller – says its kind, name and uid, and blocks its deletion', () => {
  assert.deepEqual(reference, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: 'web',
    uid: 'web',
    controller: true,
    blockOwnerDeletion: true,
  });
});

const references: readonly [what: string, reference: OwnerReference, isFound: boolean][] = [
  ['of the kind', reference, true],
  ['of another version of the kind', { ...reference, apiVersion: 'apps/v2' }, true],
  ['of another group', { ...reference, apiVersion: 'example.com/v1' }, false],
  ['of the core group', { ...reference, apiVersion: 'v1' }, false],
  ['of another kind', { ...reference, kind: 'Deployment' }, false],
  ['that is no controller', { ...reference, controller: false }, false],
];

for (const [what, owner, isFound] of references) {
  test(`the controller of a pod – an owner ${what} – is ${isFound ? 'found' : 'not found'}`, () => {
    assert.equal(controllerOfType(podOf('p', owner), replicaSets), isFound ? owner : undefined);
  });
}

test('the owner of a pod – of the same name and another uid – is not found', () => {
  const informers = new StaticInformers();
  informers.put(replicaSets, web);
  const owners = informers.for(replicaSets);
  assert.equal(ownerIn(owners, replicaSets, podOf('p', reference)), web);
  assert.equal(ownerIn(owners, replicaSets, podOf('p', { ...reference, uid: 'earlier' })), undefined);
  assert.equal(ownerIn(informers.for(deployments), deployments, podOf('p', reference)), undefined);
});

test('the pods of an owner – some its own, some orphans, some elsewhere – are found by the index', () => {
  const informers = new StaticInformers();
  const informer = informers.for(pods);
  indexByOwner(informer);
  const [own, orphan] = [podOf('own', reference), podOf('orphan')];
  const elsewhere = storedPod('elsewhere', { metadata: { namespace: 'other' } });
  const others = podOf('others', { ...reference, uid: 'x' });
  for (const pod of [own, orphan, elsewhere, others]) informers.put(pods, pod);
  assert.deepEqual(ownedBy(informer, 'web'), [own]);
  assert.deepEqual(claimable(informer, web), [own, orphan]);
});
