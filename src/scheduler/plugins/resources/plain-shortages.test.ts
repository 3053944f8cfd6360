import assert from 'node:assert/strict';
import test from 'node:test';
import { makePod, type NodeShape, type PodShape } from '#testing/scheduling/objects.ts';
import { clusterOf } from '#testing/scheduling/plugin.ts';
import { Rejection } from '../../framework.ts';
import { plainShortages } from './plain-shortages.ts';

const node: NodeShape = { name: 'a', cpu: '2', memory: '100', pods: '2' };
const cases: [string, PodShape, string[], boolean][] = [
  ['room for all', { cpu: '1', memory: '50' }, [], false],
  ['too little cpu left', { cpu: '2' }, ['Insufficient cpu'], false],
  ['more cpu than there is', { cpu: '3' }, ['Insufficient cpu'], true],
  ['two resources', { cpu: '2', memory: '90' }, ['Insufficient cpu', 'Insufficient memory'], false],
  [
    'ephemeral storage of a node without',
    { requests: { 'ephemeral-storage': '1' } },
    ['Insufficient ephemeral-storage'],
    true,
  ],
];

for (const [title, pod, reasons, unresolvable] of cases) {
  test(`a shortage – ${title} – ${reasons.length} reasons`, () => {
    const placed = [{ nodeName: 'a', cpu: '1', memory: '50' }];
    const { nodes } = clusterOf({ nodes: [node], pods: placed });
    const shortage = plainShortages('Fit');
    const found = shortage(makePod(pod).requests, nodes[0]!);
    assert.deepEqual(found, reasons.length === 0 ? undefined : new Rejection('Fit', reasons, unresolvable));
    assert.equal(shortage(makePod(pod).requests, nodes[0]!), found);
  });
}

test('a shortage – as many pods as the node takes – is the first reason', () => {
  const placed = [1, 2].map((i) => ({ name: `p${i}`, nodeName: 'a', cpu: '1' }));
  const { nodes } = clusterOf({ nodes: [node], pods: placed });
  const found = plainShortages('Fit')(makePod({ cpu: '1' }).requests, nodes[0]!);
  assert.deepEqual(found, new Rejection('Fit', ['Too many pods', 'Insufficient cpu']));
});
