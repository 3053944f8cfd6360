/** normalizeToMax: scores by their maximum, upright and reversed, in whole numbers. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { normalizeToMax } from './normalize.ts';

const cases: [string, number[], boolean, number[]][] = [
  ['upright', [1, 2, 3, 4], false, [25, 50, 75, 100]],
  ['reversed', [1, 2, 3, 4], true, [75, 50, 25, 0]],
  ['upright, fractions are cut off', [1000, 10, 20, 30], false, [100, 1, 2, 3]],
  ['reversed, fractions are cut off before', [1, 3], true, [67, 0]],
  ['upright, all zero', [0, 0], false, [0, 0]],
  ['reversed, all zero', [0, 0], true, [100, 100]],
];

for (const [title, scores, reverse, expected] of cases) {
  test(`normalizeToMax – ${title}`, () => {
    const normalized = Float64Array.from(scores);
    normalizeToMax(normalized, reverse);
    assert.deepEqual([...normalized], expected);
  });
}
