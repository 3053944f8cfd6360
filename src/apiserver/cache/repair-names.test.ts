import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps } from '#api/generated/kinds.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { silentLog } from '#base/log.ts';
import { systemEnv } from '#host/system-env.ts';
import { StoreFullError } from '#store/errors.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import type { Store, Txn } from '#store/store.ts';
import { startTestServer, type TestServer } from '#testing/server/test-server.ts';
import { storeMethods } from '#testing/store/store-methods.ts';
import { encodeObject } from '#wire/json/canonical.ts';
import { ResourceCache } from './resource-cache.ts';

const namespace = 'default';
const keyOf = (name: string) => `/registry/configmaps/${namespace}/${name}`;

function configMap(metadata: object): Uint8Array {
  return encodeObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata } as AnyObject);
}

async function withMisnamed(
  commit: (store: Store, txn: Txn) => ReturnType<Store['commit']>,
  check: (server: TestServer) => Promise<void>,
): Promise<void> {
  const env = systemEnv();
  const store = openMemoryStore(env);
  for (const name of ['a', 'b']) {
    const value = configMap({ name: 'other', namespace: 'elsewhere', uid: name });
    await store.commit({ compare: [], ops: [{ type: 'put', key: keyOf(name), value }] });
  }
  const refusing: Store = { ...storeMethods(store), commit: (txn) => commit(store, txn) };
  const server = await startTestServer({ env, store: refusing });
  try {
    await check(server);
  } finally {
    await server.stop();
    await store.close();
  }
}

const namesOf = async ({ client }: TestServer) =>
  (await client.list(configMaps, { namespace })).items.map(({ metadata }) => metadata.name);

test('misnamed objects – on a disk with space for deletions only – are repaired', () =>
  withMisnamed(
    (store, txn) => (txn.forDeletion ? store.commit(txn) : Promise.reject(new StoreFullError('full'))),
    async (server) => assert.deepEqual(await namesOf(server), ['a', 'b']),
  ));

test('misnamed objects – that cannot be written – do not keep the API server from starting, and can be deleted', () =>
  withMisnamed(
    (store, txn) =>
      txn.ops.some(({ type }) => type === 'put')
        ? Promise.reject(new StoreFullError('full'))
        : store.commit(txn),
    async (server) => {
      assert.deepEqual(await namesOf(server), ['other', 'other']);
      for (const name of ['a', 'b']) await server.client.delete(configMaps, { namespace, name });
      assert.deepEqual(await namesOf(server), []);
    },
  ));

test('misnamed objects – loaded, changed, read from the history – are those that the last load has found', () => {
  const cache = new ResourceCache('/registry/configmaps/', true, () => ({}), 0, silentLog);
  const value = configMap({ name: 'other', namespace });
  cache.beginStaging();
  cache.stage(keyOf('a'), value, 1);
  cache.loadedAt(1);
  assert.deepEqual(
    cache.takeMisnamed().map(({ key }) => key),
    [keyOf('a')],
  );
  cache.apply(keyOf('b'), value, 2);
  cache.entryOf(keyOf('a'), value, 1);
  assert.deepEqual(cache.takeMisnamed(), []);
});
