import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemEnv } from '#host/system-env.ts';
import { openMemoryStore } from './memory-store.ts';
import { prefixRange } from './store.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('what is committed can be read, watched, and read as it was', async () => {
  const store = openMemoryStore(systemEnv());
  const seen: string[] = [];
  try {
    await store.commit({
      compare: [{ key: '/a/1', modRevision: 0 }],
      ops: [{ type: 'put', key: '/a/1', value: bytes('x') }],
    });
    store.watch(prefixRange('/a/'), 2, {
      onEvents: (events) => seen.push(...events.map((e) => `${e.type} ${e.key} ${e.revision}`)),
      onError: (error) => seen.push(error.name),
    });
    await store.commit({
      compare: [{ key: '/a/1', modRevision: 2 }],
      ops: [{ type: 'put', key: '/a/2', value: bytes('y') }],
    });
    await store.commit({ compare: [], ops: [{ type: 'delete', key: '/a/1' }] });
    const conflict = await store.commit({ compare: [{ key: '/a/1', modRevision: 2 }], ops: [] });
    assert.equal(conflict.succeeded, false);
    assert.equal((await store.range(prefixRange('/a/'))).count, 1);
    assert.deepEqual(
      (await store.range(prefixRange('/a/'), { revision: 3 })).items.map((kv) => kv.key),
      ['/a/1', '/a/2'],
    );
  } finally {
    await store.close();
  }
  assert.deepEqual(seen, ['put /a/1 2', 'put /a/2 3', 'delete /a/1 4', 'StoreClosedError']);
});
