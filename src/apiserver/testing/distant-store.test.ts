/** An API server on a store that answers after a round trip and whose watch lags behind: as on etcd. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { configMaps, namespaces } from '#api/generated/kinds.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { silentLog } from '#base/log.ts';
import { createInformers } from '#client/informers/informers.ts';
import { createClient } from '#client/rest/client.ts';
import { systemEnv } from '#host/system-env.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import { adminUser, startTestServer } from '#testing/server/test-server.ts';
import { distantStore } from '#testing/store/distant-store.ts';

const namespace = 'default';
const map = (name: string, value = '') => ({ metadata: { name, namespace }, data: { value } });

/** Two API servers on one store. */
async function start(t: TestContext) {
  const env = systemEnv(silentLog);
  const real = openMemoryStore(env);
  const store = distantStore(real);
  const servers = [await startTestServer({ env, store }), await startTestServer({ env, store })];
  t.after(async () => {
    for (const server of servers) await server.stop();
    await real.close();
  });
  const [first, other] = servers.map(({ server }) => createClient(server.transport(adminUser)));
  await first!.create(namespaces, { metadata: { name: namespace } });
  return { env, first: first!, other: other! };
}

test('a write – through one of two servers – is seen by every later read, also through the other', async (t) => {
  const { first, other } = await start(t);
  await first.create(configMaps, map('a', '1'));
  for (const client of [first, other]) {
    assert.equal((await client.get(configMaps, { namespace, name: 'a' })).data?.['value'], '1');
  }
  const read = await other.get(configMaps, { namespace, name: 'a' });
  await other.update(configMaps, { ...read, data: { value: '2' } });
  const listed = await first.list(configMaps, { namespace });
  assert.deepEqual(
    listed.items.map(({ data }) => data?.['value']),
    ['2'],
  );
  await first.delete(configMaps, { namespace, name: 'a' });
  assert.deepEqual((await other.list(configMaps, { namespace })).items, []);
});

test('two servers – that change one object at once – lose no change', async (t) => {
  const { first, other } = await start(t);
  await first.create(configMaps, map('count', '0'));
  const increment = async (client: typeof first) => {
    for (;;) {
      const read = await client.get(configMaps, { namespace, name: 'count' });
      const next = { ...read, data: { value: String(Number(read.data?.['value']) + 1) } };
      const isStored = await client.update(configMaps, next).then(
        () => true,
        (error) => {
          if (error instanceof StatusError && error.reason === 'Conflict') return false;
          throw error;
        },
      );
      if (isStored) return;
    }
  };
  await Promise.all(Array.from({ length: 20 }, (_, i) => increment(i % 2 ? first : other)));
  assert.equal((await first.get(configMaps, { namespace, name: 'count' })).data?.['value'], '20');
});

test('a watch – from the list of the other server – sees every later change once', async (t) => {
  const { first, other } = await start(t);
  await first.create(configMaps, map('a'));
  const { metadata } = await other.list(configMaps, { namespace });
  const stop = new AbortController();
  const seen: string[] = [];
  const watching = (async () => {
    const from = { namespace, resourceVersion: metadata.resourceVersion!, signal: stop.signal };
    for await (const { type, object } of first.watch(configMaps, from)) {
      seen.push(`${type} ${object.metadata.name}`);
      if (seen.length === 3) stop.abort();
    }
  })();
  await first.create(configMaps, map('b'));
  await other.create(configMaps, map('c'));
  await first.delete(configMaps, { namespace, name: 'b' });
  await watching;
  assert.deepEqual(seen, ['ADDED b', 'ADDED c', 'DELETED b']);
});

test('a watch – without a revision – begins with what the other server has just stored', async (t) => {
  const { env, first, other } = await start(t);
  await first.create(configMaps, map('a'));
  for await (const { type, object } of other.watch(configMaps, { namespace })) {
    assert.deepEqual([type, object.metadata.name], ['ADDED', 'a']);
    break;
  }
  const informers = createInformers(other, env);
  t.after(() => informers.stop());
  const seen = informers.for(configMaps);
  await seen.synced();
  assert.equal(seen.get(namespace, 'a')?.metadata.name, 'a');
});

test('a list – at an exact revision – shows the state of then', async (t) => {
  const { first, other } = await start(t);
  const { metadata } = await first.create(configMaps, map('a', '1'));
  await first.update(configMaps, { ...map('a', '2') });
  const exact = {
    namespace,
    resourceVersion: metadata.resourceVersion,
    resourceVersionMatch: 'Exact' as const,
  };
  const listed = await other.list(configMaps, exact);
  assert.deepEqual(
    listed.items.map(({ data }) => data?.['value']),
    ['1'],
  );
});
