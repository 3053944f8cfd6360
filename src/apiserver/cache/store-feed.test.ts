/**
 * What clients see when the store's watch fails under the API server, and that the cache is whole again
 * afterwards.
 */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { configMaps, namespaces } from '#api/generated/kinds.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { silentLog } from '#base/log.ts';
import { createInformers } from '#client/informers/informers.ts';
import { bodyText } from '#client/transport/body.ts';
import { systemRandom } from '#host/system-env.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import type { Store, WatchHandler } from '#store/store.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { storeMethods } from '#testing/store/store-methods.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';

const namespace = 'default';

/** A store that can lose the connection its watches and reads go through; writes get through all the time. */
function cuttable(store: Store) {
  const open = new Map<WatchHandler, { cancel(): void }>();
  let isCut = false;
  const lost = new Error('the connection was lost');
  return {
    store: {
      ...storeMethods(store),
      range: (...args: Parameters<Store['range']>) => (isCut ? Promise.reject(lost) : store.range(...args)),
      watch(...[range, from, handler]: Parameters<Store['watch']>) {
        const handle = store.watch(range, from, handler);
        open.set(handler, handle);
        return handle;
      },
    } satisfies Store,
    cut() {
      isCut = true;
      for (const [handler, handle] of open) {
        handle.cancel();
        handler.onError(lost);
      }
      open.clear();
    },
    mend() {
      isCut = false;
    },
  };
}

async function start(t: TestContext) {
  const clock = new VirtualClock();
  // Pauses without jitter: with it, a client may only be back long after the server is.
  const env = { clock, random: { ...systemRandom, float: () => 0 }, log: silentLog };
  const real = openMemoryStore(env);
  const link = cuttable(real);
  const server = await startTestServer({ env, store: link.store });
  t.after(async () => {
    await server.stop();
    await real.close();
  });
  const { client } = server;
  await client.create(namespaces, { metadata: { name: namespace } });
  const map = (name: string) => ({ metadata: { name, namespace } });
  const names = async (options = {}) =>
    (await client.list(configMaps, { namespace, ...options })).items.map(
      (configMap) => configMap.metadata.name,
    );
  const readiness = async () => {
    const answer = await server.transport.request({ method: 'GET', path: '/readyz', headers: {} });
    return `${answer.status} ${await bodyText(answer)}`;
  };
  /** Behind the API server's back, as another API server on the same store would write. */
  const prefix = '/registry/configmaps/default/';
  const elsewhere = {
    async copy(from: string, to: string) {
      const { value } = (await real.get(prefix + from))!;
      const text = Buffer.from(value).toString().replaceAll(`"${from}"`, `"${to}"`);
      await real.commit({ compare: [], ops: [{ type: 'put', key: prefix + to, value: Buffer.from(text) }] });
    },
    remove: (name: string) => real.commit({ compare: [], ops: [{ type: 'delete', key: prefix + name }] }),
  };
  return { clock, client, link, map, names, readiness, elsewhere, env };
}

test('the cache – its watch of the store is lost – is not ready and ends watches; rebuilt, it misses nothing', async (t) => {
  const { clock, client, link, map, names, readiness, elsewhere, env } = await start(t);
  await client.create(configMaps, map('old'));
  const informers = createInformers(client, env);
  t.after(() => informers.stop());
  const seen = informers.for(configMaps);
  await seen.synced();
  let ended = false;
  const version = (await client.list(configMaps, { namespace })).metadata.resourceVersion!;
  const watching = (async () => {
    for await (const _ of client.watch(configMaps, { namespace, resourceVersion: version }));
    ended = true;
  })();
  await clock.advance(0);
  assert.match(await readiness(), /^200/);

  link.cut();
  await clock.advance(0);
  assert.match(await readiness(), /^500 .*\[-\]etcd failed/s);
  assert.ok(ended, 'an open watch ends');
  await watching;
  await assert.rejects(
    async () => {
      for await (const _ of client.watch(configMaps, { namespace }));
    },
    (error: unknown) =>
      error instanceof StatusError &&
      error.code === 429 &&
      /storage is \(re\)initializing/.test(error.message),
  );
  await elsewhere.copy('old', 'new');
  await elsewhere.remove('old');
  await clock.advance(20_000);
  assert.match(await readiness(), /^500/, 'as long as the store cannot be read');

  link.mend();
  await clock.advance(60_000);
  assert.match(await readiness(), /^200/);
  assert.deepEqual(await names(), ['new']);
  assert.deepEqual(await names({ resourceVersion: version, resourceVersionMatch: 'Exact' }), ['old']);
  assert.deepEqual(
    seen.list(namespace).map((configMap) => configMap.metadata.name),
    ['new'],
    'clients catch up',
  );
  await client.create(configMaps, map('newest'));
  await clock.advance(100);
  assert.equal(seen.get(namespace, 'newest')?.metadata.name, 'newest');
});

test('a cache – disconnected for a while – receives every event', async (t) => {
  const { clock, client, link, map, elsewhere } = await start(t);
  await client.create(configMaps, map('old'));
  const version = (await client.list(configMaps, { namespace })).metadata.resourceVersion!;
  link.cut();
  await elsewhere.copy('old', 'new');
  await elsewhere.remove('old');
  link.mend();
  await clock.advance(5_000);
  const events: string[] = [];
  const stop = new AbortController();
  const watching = (async () => {
    const options = { namespace, resourceVersion: version, signal: stop.signal };
    for await (const { type, object } of client.watch(configMaps, options)) {
      events.push(`${type} ${object.metadata.name}`);
    }
  })();
  await clock.advance(100);
  stop.abort();
  await watching;
  assert.deepEqual(events, ['ADDED new', 'DELETED old']);
});
