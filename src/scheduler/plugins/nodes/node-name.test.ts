/** NodeName: only the node that the pod names fits. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { makePod } from '#testing/scheduling/objects.ts';
import { isHelpedBy, nodeEvent, rejectionsOf, type Verdict } from '#testing/scheduling/plugin.ts';
import { type ClusterEventKind, Rejection } from '../../framework.ts';
import { nodeName } from './node-name.ts';

const mismatch = new Rejection('NodeName', ["node(s) didn't match the requested node name"], true);

const filtered: [string, string, Verdict][] = [
  ['no node is named', '', 'skipped'],
  ['one of the nodes is named', 'foo', ['fits', mismatch]],
  ['a node that does not exist is named', 'baz', [mismatch, mismatch]],
];

for (const [title, name, expected] of filtered) {
  test(`filter – ${title}`, () => {
    const nodes = [{ name: 'foo' }, { name: 'bar' }];
    assert.deepEqual(rejectionsOf(nodeName, { nodeName: name }, { nodes }), expected);
  });
}

const hinted: [ClusterEventKind, boolean][] = [
  ['Node/Add', true],
  ['Node/Labels', false],
  ['Pod/AssignedDelete', false],
];

for (const [kind, expected] of hinted) {
  test(`hint – ${kind} – ${expected ? 'wakes' : 'does not wake'} the pod`, () => {
    assert.equal(isHelpedBy(nodeName, makePod({}), nodeEvent(kind, { name: 'foo' })), expected);
  });
}
