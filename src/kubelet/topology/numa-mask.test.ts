import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countOf, hasNode, isNarrower, maskOf, masksOf, nodesOf } from './numa-mask.ts';

test('a mask – of nodes, also beyond 32 – has these nodes, in ascending order', () => {
  const mask = maskOf([40, 0, 3, 3]);
  assert.deepEqual(nodesOf(mask), [0, 3, 40]);
  assert.equal(countOf(mask), 3);
  assert.deepEqual(
    [0, 1, 40].map((node) => hasNode(mask, node)),
    [true, false, true],
  );
  assert.deepEqual([nodesOf(maskOf([])), countOf(0n)], [[], 0]);
});

test('all masks of nodes – in the order of upstream – are the smaller first', () => {
  const texts = [...masksOf([0, 1, 3])].map((mask) => nodesOf(mask).join(''));
  assert.deepEqual(texts, ['0', '1', '3', '01', '03', '13', '013']);
  assert.deepEqual([...masksOf([])], []);
});

for (const [mask, other, narrower] of [
  [[0], [0, 1], true],
  [[0, 1], [0], false],
  [[0], [1], true],
  [[1], [0], false],
  [[0, 1], [0, 1], false],
] as const) {
  test(`a mask – of ${mask} beside ${other} – is ${narrower ? '' : 'not '}narrower`, () => {
    assert.equal(isNarrower(maskOf(mask), maskOf(other)), narrower);
  });
}
