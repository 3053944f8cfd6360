/** The metrics of store, cache and watches of a whole in-process server. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps } from '#api/generated/kinds.gen.ts';
import type { ApiResponse, ByteSink } from '#client/transport/transport.ts';
import { startTestServer, type TestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';

const path = '/api/v1/namespaces/a/configmaps';

async function metricsOf(server: TestServer): Promise<ReadonlyMap<string, string>> {
  const lines = (await server.metrics()).split('\n');
  return new Map(
    lines
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), line.slice(at + 1)];
      }),
  );
}

/** Names without labels, all of config maps. */
async function valuesOf(server: TestServer, names: readonly string[]): Promise<Record<string, string>> {
  const metrics = await metricsOf(server);
  const values = names.map((name) => {
    const [family, labels = ''] = name.split('|');
    const found = [...metrics].filter(
      ([series]) =>
        series.startsWith(`${family}{`) &&
        series.includes('resource="configmaps"') &&
        series.includes(labels),
    );
    assert.ok(found.length <= 1, `${name} is ${found.map(([series]) => series).join()}`);
    return [name, found[0]?.[1] ?? 'absent'];
  });
  return Object.fromEntries(values);
}

async function write(server: TestServer): Promise<string> {
  const { client } = server;
  const first = await client.create(configMaps, { metadata: { namespace: 'a', name: 'first' } });
  await client.create(configMaps, { metadata: { namespace: 'a', name: 'second' } });
  await client.update(configMaps, { ...first, data: { a: 'b' } });
  await client.delete(configMaps, { namespace: 'a', name: 'second' });
  return first.metadata.resourceVersion;
}

const get = (server: TestServer, query = '') =>
  server.transport.request({ method: 'GET', path: path + query, headers: {} });

test('writes – to the store – are counted and timed by operation; the cache counts the changes', async (t) => {
  const server = await startTestServer();
  t.after(() => server.stop());
  await write(server);
  const second = { namespace: 'a', name: 'second' };
  await assert.rejects(server.client.delete(configMaps, second), /not found/);
  const expected = {
    'etcd_requests_total|operation="create"': '2',
    'etcd_requests_total|operation="update"': '1',
    'etcd_requests_total|operation="delete"': '1',
    'etcd_requests_total|operation="list"': 'absent',
    'etcd_request_duration_seconds_count|operation="create"': '2',
    apiserver_storage_events_received_total: '4',
    apiserver_watch_cache_events_received_total: '4',
    apiserver_watch_cache_events_dispatched_total: '4',
    apiserver_watch_cache_initializations_total: '1',
    apiserver_terminated_watchers_total: '0',
    apiserver_storage_objects: '1',
    watch_cache_capacity: '2048',
  };
  assert.deepEqual(await valuesOf(server, Object.keys(expected)), expected);
  const sized = ['apiserver_resource_size_estimate_bytes', 'apiserver_watch_cache_resource_version'];
  const [bytes, revision] = Object.values(await valuesOf(server, sized)).map(Number);
  const only = await server.client.get(configMaps, { namespace: 'a', name: 'first' });
  assert.ok(bytes! > 100 && bytes! < JSON.stringify(only).length, String(bytes));
  assert.equal(revision, Number(only.metadata.resourceVersion) + 1);
});

test('lists – of the newest state, of any, of a past one, in pages – are counted by what served them', async (t) => {
  const server = await startTestServer();
  t.after(() => server.stop());
  const revision = await write(server);
  await server.client.create(configMaps, { metadata: { namespace: 'a', name: 'third' } });
  for (const query of [
    '',
    '?resourceVersion=0',
    '?limit=1',
    `?resourceVersion=${revision}&resourceVersionMatch=Exact`,
  ]) {
    assert.equal((await get(server, query)).status, 200, query);
  }
  const expected = {
    'apiserver_cache_list_total|index=""': '3',
    'apiserver_cache_list_fetched_objects_total|index=""': '5',
    apiserver_storage_list_total: '1',
    apiserver_storage_list_fetched_objects_total: '1',
    'etcd_requests_total|operation="list"': '1',
    'apiserver_watch_cache_consistent_read_total|success="true"': '2',
    'apiserver_watch_cache_consistent_read_total|success="false"': 'absent',
    apiserver_watch_cache_read_wait_seconds_count: '4',
  };
  assert.deepEqual(await valuesOf(server, Object.keys(expected)), expected);
});

/** Reads everything that a watch sends, and counts its events and their bytes. */
function read({ body }: ApiResponse) {
  assert.ok('start' in body, 'a stream');
  const seen = { events: 0, bytes: 0, close: () => {} };
  const sink: ByteSink = {
    write(chunk) {
      seen.events += Buffer.from(chunk).toString().split('\n').length - 1;
      seen.bytes += chunk.length;
      return true;
    },
    end() {},
    fail: assert.fail,
    onDrain() {},
    onClose(callback) {
      seen.close = callback;
    },
  };
  body.start(sink);
  return seen;
}

test('watches – with a list, from the window, from history, several – are counted by what each watcher was sent', async (t) => {
  const clock = new VirtualClock();
  const server = await startTestServer({ env: { clock } });
  t.after(() => server.stop());
  const revision = await write(server);
  const list = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  const queries = [`?${list}`, `?${list}`, '?watch=1', `?watch=1&resourceVersion=${revision}`];
  const watchers = await Promise.all(queries.map(async (query) => read(await get(server, query))));
  await server.client.create(configMaps, { metadata: { namespace: 'a', name: 'third' } });
  await clock.advance(1000);
  const events = watchers.reduce((sum, watcher) => sum + watcher.events, 0);
  const bytes = watchers.reduce((sum, watcher) => sum + watcher.bytes, 0);
  assert.deepEqual(
    watchers.map((watcher) => watcher.events),
    [3, 3, 2, 4],
  );
  const expected = {
    apiserver_watch_events_total: String(events),
    apiserver_watch_events_sizes_sum: String(bytes),
    apiserver_watch_events_sizes_count: String(events),
    'apiserver_watch_list_duration_seconds_count|scope="namespace"': '2',
  };
  assert.deepEqual(await valuesOf(server, Object.keys(expected)), expected);
  for (const watcher of watchers) watcher.close();
});
