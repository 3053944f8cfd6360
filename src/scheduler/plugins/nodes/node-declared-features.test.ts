/**
 * NodeDeclaredFeatures: a pod that needs a feature, nodes that declare it, and when a changed node wakes the
 * pod.
 */

import assert from 'node:assert/strict';
import test from 'node:test';
import { makePod, type PodShape } from '#testing/scheduling/objects.ts';
import { isHelpedBy, nodeEvent, rejectionsOf, type Verdict } from '#testing/scheduling/plugin.ts';
import { type ClusterEventKind, Rejection } from '../../framework.ts';
import { nodeDeclaredFeatures } from './node-declared-features.ts';

const missing = new Rejection('NodeDeclaredFeatures', ["node(s) didn't match Pod's required features"], true);
const feature = 'RestartAllContainersOnContainerExits';

const filtered: [string, PodShape, string[] | undefined, Verdict][] = [
  ['the pod needs no feature', {}, [], 'skipped'],
  ['the node declares it', { restartsAll: true }, [feature], ['fits']],
  ['the node declares more', { restartsAll: true }, ['A', feature], ['fits']],
  ['the node declares others', { restartsAll: true }, ['A'], [missing]],
  ['the node declares nothing', { restartsAll: true }, undefined, [missing]],
];

for (const [title, pod, declaredFeatures, expected] of filtered) {
  test(`filter – ${title}`, () => {
    const nodes = [{ name: 'a', ...(declaredFeatures ? { declaredFeatures } : {}) }];
    assert.deepEqual(rejectionsOf(nodeDeclaredFeatures, pod, { nodes }), expected);
  });
}

const hinted: [ClusterEventKind, boolean][] = [
  ['Node/Add', true],
  ['Node/DeclaredFeatures', true],
  ['Node/Labels', false],
  ['Pod/AssignedDelete', false],
];

for (const [kind, expected] of hinted) {
  test(`hint – ${kind} – ${expected ? 'wakes' : 'does not wake'} the pod`, () => {
    const event = nodeEvent(kind, { name: 'a', declaredFeatures: [feature] });
    assert.equal(isHelpedBy(nodeDeclaredFeatures, makePod({ restartsAll: true }), event), expected);
  });
}
