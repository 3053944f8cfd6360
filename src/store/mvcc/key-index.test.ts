import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyIndex } from './key-index.ts';

/** A small generator, so that a failure can be repeated. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

test('the key index – random insertions and deletions – holds what a sorted list would', () => {
  const pick = generator(7);
  const index = new KeyIndex<string>();
  const model = new Set<string>();
  for (let i = 0; i < 20_000; i++) {
    const key = `/t/${pick(6000)}`;
    if (pick(3) === 0) {
      index.delete(key);
      model.delete(key);
    } else {
      index.set(key, key);
      model.add(key);
    }
  }
  const sorted = [...model].sort();
  assert.equal(index.size, sorted.length);
  for (let i = 0; i < 200; i++) {
    const [start, end] = [`/t/${pick(6000)}`, `/t/${pick(6000)}`];
    const expected = sorted.filter((key) => key >= start && key < end);
    const found: string[] = [];
    index.scan(start, end, (key) => found.push(key) > 0);
    assert.deepEqual(found, expected);
    assert.equal(index.count(start, end), expected.length);
    assert.equal(index.get(start), model.has(start) ? start : undefined);
  }
});

test('the key index – keys in order, and a walk that is stopped – holds and yields them', () => {
  const index = new KeyIndex<number>();
  for (let i = 0; i < 5000; i++) index.set(String(i).padStart(6, '0'), i);
  const found: number[] = [];
  index.scan('001000', '002000', (n) => found.push(n) < 3);
  assert.deepEqual(found, [1000, 1001, 1002]);
  assert.equal(index.count('', '9'), 5000);
});
