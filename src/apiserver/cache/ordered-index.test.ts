import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Entry } from './entry.ts';
import { OrderedIndex } from './ordered-index.ts';

function entry(namespace: string, name: string, revision = 1): Entry {
  const key = namespace === '' ? `/r/${name}` : `/r/${namespace}/${name}`;
  return new Entry({ key, namespace, name, revision }, new Uint8Array(), { labels: {}, fields: {} });
}

const keysOf = (entries: readonly Entry[]) => entries.map((entry) => entry.key);

test('entries – added in any order – are listed in the order of their keys', () => {
  const index = new OrderedIndex();
  for (const [namespace, name] of [
    ['b', 'z'],
    ['a', 'y'],
    ['a-b', 'x'],
    ['a', 'b'],
  ] as const) {
    index.set(entry(namespace, name));
  }
  // In the store's keys a dash comes before the slash.
  assert.deepEqual(keysOf(index.list()), ['/r/a-b/x', '/r/a/b', '/r/a/y', '/r/b/z']);
  assert.deepEqual(keysOf(index.list('a')), ['/r/a/b', '/r/a/y']);
  assert.deepEqual(index.list('none'), []);
  assert.equal(index.size, 4);
});

test('an entry – added again with a newer state – replaces the older one', () => {
  const index = new OrderedIndex();
  index.set(entry('', 'one', 1));
  index.set(entry('', 'one', 2));
  assert.equal(index.size, 1);
  assert.equal(index.get('', 'one')?.revision, 2);
  assert.deepEqual(
    index.list('').map((entry) => entry.revision),
    [2],
  );
});

test('an entry – deleted – is in no view, and its empty namespace is gone', () => {
  const index = new OrderedIndex();
  index.set(entry('a', 'one'));
  index.set(entry('b', 'two'));
  index.delete('a', 'one');
  index.delete('a', 'never-was');
  assert.equal(index.get('a', 'one'), undefined);
  assert.deepEqual(keysOf(index.list()), ['/r/b/two']);
  assert.equal(index.size, 1);
});

test('a list – nothing changes – is made once; a change – what was given stays as it is', () => {
  const index = new OrderedIndex();
  index.set(entry('a', 'one'));
  const [inside, all] = [index.list('a'), index.list()];
  assert.equal(index.list('a'), inside);
  assert.equal(index.list(), all);
  index.set(entry('a', 'two'));
  index.delete('a', 'one');
  assert.deepEqual([keysOf(inside), keysOf(all)], [['/r/a/one'], ['/r/a/one']]);
  assert.deepEqual([keysOf(index.list('a')), keysOf(index.list())], [['/r/a/two'], ['/r/a/two']]);
});
