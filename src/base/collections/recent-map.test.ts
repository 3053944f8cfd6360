import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentMap } from './recent-map.ts';

test('a full map – drops the entry that was least recently used', () => {
  const map = new RecentMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  assert.equal(map.get('a'), 1);
  map.set('c', 3);
  assert.deepEqual([map.get('a'), map.get('b'), map.get('c')], [1, undefined, 3]);
});

test('a value that is set again – counts as used', () => {
  const map = new RecentMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  map.set('c', 4);
  assert.deepEqual([map.get('a'), map.get('b'), map.get('c')], [3, undefined, 4]);
});

test('getOr – makes a value once', () => {
  const map = new RecentMap<string, number>(2);
  assert.equal(
    map.getOr('a', () => 1),
    1,
  );
  assert.equal(
    map.getOr('a', () => 2),
    1,
  );
  map.delete('a');
  assert.equal(
    map.getOr('a', () => 3),
    3,
  );
});
