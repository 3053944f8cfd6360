import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveIntOrPercent } from './int-or-percent.ts';

const rows: [value: number | string | undefined, rounding: 'up' | 'down', resolved: number][] = [
  [undefined, 'up', 0],
  [3, 'up', 3],
  ['25%', 'up', 3],
  ['25%', 'down', 2],
  ['100%', 'down', 10],
  ['0%', 'up', 0],
];

for (const [value, rounding, resolved] of rows) {
  test(`${value} of ten – rounded ${rounding} – is ${resolved}`, () => {
    assert.equal(resolveIntOrPercent(value, 10, rounding), resolved);
  });
}

test('a text – no percentage – throws', () => {
  const message = 'invalid value for IntOrString: "5" is not a percentage';
  assert.throws(() => resolveIntOrPercent('5', 10, 'up'), { message });
});
