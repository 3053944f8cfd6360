import assert from 'node:assert/strict';
import test from 'node:test';
import { isTolerable, tolerancesOf } from './tolerances.ts';

test('tolerances – those of the behavior – go before the configured one', () => {
  assert.deepEqual(tolerancesOf(undefined, 0.2), { up: 0.2, down: 0.2 });
  assert.deepEqual(tolerancesOf({ scaleUp: { tolerance: '0' } }, 0.2), { up: 0, down: 0.2 });
  assert.deepEqual(tolerancesOf({ scaleDown: { tolerance: '50m' } }, 0.1), { up: 0.1, down: 0.05 });
});

for (const [ratio, expected] of [
  [0.79, false],
  [0.8, true],
  [1, true],
  [1.1, true],
  [1.11, false],
] as const) {
  test(`a ratio of ${ratio} – with a tenth up and a fifth down – ${expected ? 'is' : 'is not'} tolerable`, () => {
    assert.equal(isTolerable(ratio, { up: 0.1, down: 0.2 }), expected);
  });
}
