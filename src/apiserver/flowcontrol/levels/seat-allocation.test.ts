import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocateSeats } from './seat-allocation.ts';

const claim = (target: number, min: number, max: number) => ({ target, min, max });
const rows = [
  ['no bound matters', 30, [claim(10, 0, 100), claim(20, 0, 100)], [10, 20]],
  ['in proportion', 60, [claim(10, 0, 100), claim(20, 0, 100)], [20, 40]],
  ['one may not borrow more', 60, [claim(10, 0, 15), claim(20, 0, 100)], [15, 45]],
  ['one does not lend more', 30, [claim(10, 10, 100), claim(50, 0, 100)], [10, 20]],
  ['just the least', 12, [claim(10, 10, 20), claim(2, 2, 9)], [10, 2]],
  ['just the most', 29, [claim(10, 10, 20), claim(2, 2, 9)], [20, 9]],
  ['no demand', 10, [claim(0, 0, 10), claim(10, 0, 100)], [0.001, 9.999]],
] as const;

for (const [name, total, claims, seats] of rows) {
  test(`seats – ${name} – are divided by the targets within the bounds`, () => {
    const got = allocateSeats(total, claims)!.seats.map((value) => Math.round(value * 1000) / 1000);
    assert.deepEqual(got, seats);
  });
}

test('seats – fewer than the least, more than the most – are not divided', () => {
  assert.equal(allocateSeats(5, [claim(10, 6, 20)]), undefined);
  assert.equal(allocateSeats(30, [claim(10, 6, 20)]), undefined);
});
