import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InFlight, seatsOf, seatsOfObjects } from './in-flight.ts';

test('large lists – count by their size, ten seats at most', () => {
  assert.deepEqual([1, 100_000, 100_001, 5e6].map(seatsOf), [1, 1, 2, 10]);
  assert.deepEqual([1, 250, 1e6].map(seatsOfObjects), [1, 3, 10]);
});

test('large lists – too many, or too many of one user – no more until one has been sent; small ones do not count', () => {
  const inFlight = new InFlight();
  const tooMany = { message: 'Too many requests, please try again later.' };
  const leaves: (() => void)[] = [];
  const fill = (user: string) => {
    assert.throws(() => {
      for (;;) leaves.push(inFlight.enterList(user, 10));
    }, tooMany);
    return leaves.length;
  };
  assert.deepEqual([fill('one'), fill('two')], [300, 400]);
  assert.ok(inFlight.enter(false));
  leaves[0]!();
  leaves[0]!();
  assert.ok(inFlight.enterList('one', 10));
  assert.throws(() => inFlight.enterList('three', 1), tooMany);
  for (const leave of leaves) leave();
  assert.equal(inFlight.listSeats, 10);
});
