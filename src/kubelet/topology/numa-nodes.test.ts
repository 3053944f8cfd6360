import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskOf, nodesOf } from './numa-mask.ts';
import { NumaNodes } from './numa-nodes.ts';

/** Nodes 0 and 1 are on one board, 2 and 3 on the other. */
const nodes = new NumaNodes([
  { id: 0, distances: [10, 12, 20, 20] },
  { id: 1, distances: [12, 10, 20, 20] },
  { id: 2, distances: [20, 20, 10, 11] },
  { id: 3, distances: [20, 20, 11, 10] },
]);

for (const [a, b, closer] of [
  ['01', '12', '01'],
  ['12', '01', '01'],
  ['01', '23', '23'],
  ['02', '13', '02'],
  ['13', '02', '02'],
  ['01', '2', '2'],
  ['2', '023', '2'],
] as const) {
  test(`of the nodes ${a} and ${b} – by their distances – ${closer} are closer`, () => {
    const [maskA, maskB] = [a, b].map((text) => maskOf([...text].map(Number))) as [bigint, bigint];
    assert.equal(nodesOf(nodes.closer(maskA, maskB)).join(''), closer);
  });
}

test('the nodes of a machine – together – are a mask of all', () => {
  assert.deepEqual(
    [nodes.ids, nodesOf(nodes.all)],
    [
      [0, 1, 2, 3],
      [0, 1, 2, 3],
    ],
  );
});
