import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigMap } from '#api/generated/types.gen.ts';
import { storedMetadata } from '#testing/objects.ts';
import { Indexer } from './indexer.ts';

const map = (namespace: string, name: string, data: Record<string, string> = {}) => ({
  metadata: storedMetadata(name, { namespace }),
  data,
});

function filled(...objects: ReturnType<typeof map>[]): Indexer<ConfigMap> {
  const indexer = new Indexer<ConfigMap>();
  for (const object of objects) indexer.set(object);
  return indexer;
}

const names = (objects: readonly ConfigMap[]) => objects.map(({ metadata }) => metadata!.name);

test('Indexer – the same name in two namespaces – are two objects', () => {
  const indexer = filled(map('a', 'x', { of: 'a' }), map('b', 'x', { of: 'b' }), map('b', 'y'));
  assert.deepEqual(indexer.get('b', 'x')?.data, { of: 'b' });
  assert.deepEqual(names(indexer.list('b')), ['x', 'y']);
  assert.equal(indexer.list().length, 3);
  assert.equal(indexer.get('c', 'x'), undefined);
});

test('Indexer – an object is replaced – the old one is returned, and its indexed values are gone', () => {
  const indexer = filled(map('a', 'x', { owner: '1' }));
  indexer.addIndex('owner', ({ data }) => (data?.['owner'] ? [data['owner']] : []));
  assert.deepEqual(names(indexer.byIndex('owner', '1')), ['x']);
  const before = indexer.set(map('a', 'x', { owner: '2' }));
  assert.deepEqual(before?.data, { owner: '1' });
  assert.deepEqual(names(indexer.byIndex('owner', '1')), []);
  assert.deepEqual(names(indexer.byIndex('owner', '2')), ['x']);
});

test('Indexer – the last object of a namespace is removed – nothing of it is left', () => {
  const indexer = filled(map('a', 'x', { owner: '1' }));
  indexer.addIndex('owner', ({ data }) => [data!['owner']!]);
  assert.equal(indexer.remove('a', 'x')?.metadata.name, 'x');
  assert.equal(indexer.remove('a', 'x'), undefined);
  assert.deepEqual([indexer.list(), indexer.list('a'), indexer.byIndex('owner', '1')], [[], [], []]);
});
