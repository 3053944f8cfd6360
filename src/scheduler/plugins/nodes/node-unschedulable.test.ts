/** NodeUnschedulable: cordoned nodes, the toleration of their taint, and which node changes wake a pod. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { Toleration } from '#api/generated/types.gen.ts';
import { makePod, type NodeShape } from '#testing/scheduling/objects.ts';
import { isHelpedBy, nodeEvent, rejectionsOf, type Verdict } from '#testing/scheduling/plugin.ts';
import { Rejection } from '../../framework.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';

const cordoned = new Rejection('NodeUnschedulable', ['node(s) were unschedulable'], true);
const key = 'node.kubernetes.io/unschedulable';

const filtered: [string, Toleration[], boolean, Verdict][] = [
  ['an unschedulable node', [], true, [cordoned]],
  ['a schedulable node', [], false, ['fits']],
  ['a pod that tolerates the taint', [{ key, effect: 'NoSchedule' }], true, 'skipped'],
  ['a pod that tolerates everything', [{ operator: 'Exists' }], true, 'skipped'],
  ['a pod that tolerates another effect', [{ key, effect: 'NoExecute' }], true, [cordoned]],
];

for (const [title, tolerations, unschedulable, expected] of filtered) {
  test(`filter – ${title}`, () => {
    const nodes = [{ name: 'a', unschedulable }];
    assert.deepEqual(rejectionsOf(nodeUnschedulable, { tolerations }, { nodes }), expected);
  });
}

const open: NodeShape = { name: 'a' };
const closed: NodeShape = { name: 'a', unschedulable: true };
const hinted: [string, NodeShape, NodeShape | undefined, boolean][] = [
  ['an unschedulable node is added', closed, undefined, false],
  ['a schedulable node is added', open, undefined, true],
  ['a node is uncordoned', open, closed, true],
  ['a node is cordoned', closed, open, false],
  ['a node stays unschedulable', { ...closed, taints: [] }, closed, false],
  ['only the taints of a schedulable node change', { ...open, taints: [] }, open, false],
];

for (const [title, now, old, expected] of hinted) {
  test(`hint – ${title} – ${expected ? 'wakes' : 'does not wake'} the pod`, () => {
    const event = nodeEvent(old ? 'Node/Taints' : 'Node/Add', now, old);
    assert.equal(isHelpedBy(nodeUnschedulable, makePod({}), event), expected);
  });
}
