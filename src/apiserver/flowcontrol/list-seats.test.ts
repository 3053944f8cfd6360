import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListSeats, seatsOf, seatsOfObjects } from './list-seats.ts';

test('a list – of many objects – takes seats by its size, ten at most', () => {
  assert.deepEqual([1, 100_000, 100_001, 5e6].map(seatsOf), [1, 1, 2, 10]);
  assert.deepEqual([1, 250, 1e6].map(seatsOfObjects), [1, 3, 10]);
});

test('large lists – too many, or too many of one user – are rejected until one has been sent', () => {
  const listSeats = new ListSeats();
  const tooMany = { message: 'Too many requests, please try again later.' };
  const leaves: (() => void)[] = [];
  const fill = (user: string) => {
    assert.throws(() => {
      for (;;) leaves.push(listSeats.enter(user, 10));
    }, tooMany);
    return leaves.length;
  };
  assert.deepEqual([fill('one'), fill('two')], [300, 400]);
  leaves[0]!();
  leaves[0]!();
  assert.ok(listSeats.enter('one', 10));
  assert.throws(() => listSeats.enter('three', 1), tooMany);
  for (const leave of leaves) leave();
  assert.equal(listSeats.taken, 10);
});
