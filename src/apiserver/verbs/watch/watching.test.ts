/** Watches of a whole in-process server, as transcripts: what is done, what is observed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import protobuf from 'protobufjs/minimal.js';
import { configMaps } from '#api/generated/kinds.gen.ts';
import { ProtobufDecoder } from '#api/protobuf/decode.ts';
import { unwrapEnvelope } from '#api/protobuf/envelope.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import { silentLog } from '#base/log.ts';
import { streamChunks } from '#client/transport/body.ts';
import type { ApiResponse, ByteSink } from '#client/transport/transport.ts';
import { systemRandom } from '#host/system-env.ts';
import type { KeyRange, WatchHandler } from '#store/store.ts';
import { startTestServer, type TestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';

type Server = TestServer;
const path = '/api/v1/namespaces/ns/configmaps';

interface Seen {
  type: string;
  object: {
    metadata: { name?: string; resourceVersion: string; annotations?: Record<string, string> };
    code?: number;
    message?: string;
  };
}

/** A watcher that reads at once, or not at all while it is paused. */
async function watch(server: Server, query: string, accept = 'application/json') {
  const response = await server.transport.request({
    method: 'GET',
    path: `${path}?watch=true&${query}`,
    headers: { accept },
  });
  assert.ok('start' in response.body, 'a stream');
  const seen: Seen[] = [];
  const waiting: (() => void)[] = [];
  let ended = false;
  let text = '';
  const state = { paused: false, close: () => {}, resume: () => {} };
  const sink: ByteSink = {
    write(chunk) {
      text += Buffer.from(chunk).toString();
      const lines = text.split('\n');
      text = lines.pop()!;
      seen.push(...lines.map((line) => JSON.parse(line)));
      for (const wake of waiting.splice(0)) wake();
      return !state.paused;
    },
    end() {
      ended = true;
      for (const wake of waiting.splice(0)) wake();
    },
    fail: assert.fail,
    onDrain: (callback) => {
      state.resume = callback;
    },
    onClose: (callback) => {
      state.close = callback;
    },
  };
  response.body.start(sink);
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  return {
    state,
    seen,
    /** `ADDED a`, and so on, once there are `count`. */
    async transcript(count: number) {
      await until(() => seen.length >= count || ended);
      return seen.map(({ type, object }) => `${type} ${object.metadata.name ?? ''}`.trim());
    },
    ended: () => until(() => ended),
    get isOver() {
      return ended;
    },
  };
}

const map = (name: string, labels: Record<string, string> = {}) => ({
  metadata: { name, namespace: 'ns', labels },
});

async function withServer(run: (server: Server) => Promise<void>, clock?: VirtualClock): Promise<void> {
  const env = clock ? { clock, random: systemRandom, log: silentLog } : undefined;
  await using server = await startTestServer(env ? { env } : {});
  await run(server);
}

test('a watch – without a version – begins with the present objects, then has changes', () =>
  withServer(async (server) => {
    await server.client.create(configMaps, map('a'));
    const watcher = await watch(server, '');
    await server.client.create(configMaps, map('b'));
    await server.client.delete(configMaps, { namespace: 'ns', name: 'a' });
    assert.deepEqual(await watcher.transcript(3), ['ADDED a', 'ADDED b', 'DELETED a']);
    const deleted = watcher.seen[2]!.object.metadata.resourceVersion;
    assert.equal(deleted, String(await server.store.newestRevision()));
  }));

test('a watch – with initial events – marks their end by a bookmark', () =>
  withServer(async (server) => {
    await server.client.create(configMaps, map('a'));
    const watcher = await watch(
      server,
      'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true',
    );
    assert.deepEqual(await watcher.transcript(2), ['ADDED a', 'BOOKMARK']);
    assert.equal(watcher.seen[1]!.object.metadata.annotations?.['k8s.io/initial-events-end'], 'true');
  }));

test('a watch with a selector – an object enters or leaves – has ADDED or DELETED', () =>
  withServer(async (server) => {
    const watcher = await watch(server, 'labelSelector=on%3Dyes');
    const key = { namespace: 'ns', name: 'a' };
    await server.client.create(configMaps, map('a'));
    await server.client.patch(configMaps, key, 'merge', { metadata: { labels: { on: 'yes' } } });
    await server.client.patch(configMaps, key, 'merge', { data: { x: '1' } });
    await server.client.patch(configMaps, key, 'merge', { metadata: { labels: { on: 'no' } } });
    await server.client.patch(configMaps, key, 'merge', { metadata: { labels: { on: 'yes' } } });
    assert.deepEqual(await watcher.transcript(4), ['ADDED a', 'MODIFIED a', 'DELETED a', 'ADDED a']);
  }));

test('a watch – of one name – has that object alone', () =>
  withServer(async (server) => {
    const watcher = await watch(server, 'fieldSelector=metadata.name%3Db');
    for (const name of ['a', 'b', 'c']) await server.client.create(configMaps, map(name));
    await server.client.delete(configMaps, { namespace: 'ns', name: 'b' });
    assert.deepEqual(await watcher.transcript(2), ['ADDED b', 'DELETED b']);
  }));

test('a watch – from a version – misses nothing and repeats nothing', () =>
  withServer(async (server) => {
    const first = await server.client.create(configMaps, map('a'));
    await server.client.create(configMaps, map('b'));
    const watcher = await watch(server, `resourceVersion=${first.metadata.resourceVersion}`);
    await server.client.create(configMaps, map('c'));
    assert.deepEqual(await watcher.transcript(2), ['ADDED b', 'ADDED c']);
  }));

test("a watch – of a server that has just started – resumes from the store's history", () =>
  withServer(async (server) => {
    const first = await server.client.create(configMaps, map('a'));
    await server.client.patch(configMaps, { namespace: 'ns', name: 'a' }, 'merge', { data: { x: '1' } });
    await server.client.delete(configMaps, { namespace: 'ns', name: 'a' });
    await using second = await startTestServer({ store: server.store });
    const watcher = await watch(second, `resourceVersion=${first.metadata.resourceVersion}`);
    await second.client.create(configMaps, map('b'));
    assert.deepEqual(await watcher.transcript(3), ['MODIFIED a', 'DELETED a', 'ADDED b']);
  }));

test('a long history – the watcher does not read – no more than one batch of it is held; it reads – nothing is missing', (t) =>
  withServer(async (server) => {
    const first = await server.client.create(configMaps, map('first'));
    const names = Array.from({ length: 3000 }, (_, i) => `m${i}`);
    for (const name of names) await server.client.create(configMaps, map(name));
    await using second = await startTestServer({ store: server.store });
    const batches: number[] = [];
    const watchStore = server.store.watch.bind(server.store);
    t.mock.method(server.store, 'watch', (range: KeyRange, from: number, handler: WatchHandler) =>
      watchStore(range, from, {
        ...handler,
        onEvents(events, revision) {
          batches.push(events.length);
          handler.onEvents(events, revision);
        },
      }),
    );
    const paused = await watch(second, `resourceVersion=${first.metadata.resourceVersion}`);
    paused.state.paused = true;
    await paused.transcript(1);
    for (let i = 0; i < 20; i++) await new Promise<void>((resolve) => setImmediate(resolve));
    assert.deepEqual(batches.length, 1);
    assert.ok(paused.seen.length < 1000, `${paused.seen.length} events`);
    paused.state.paused = false;
    paused.state.resume();
    await second.client.create(configMaps, map('last'));
    assert.deepEqual(
      await paused.transcript(3001),
      [...names, 'last'].map((name) => `ADDED ${name}`),
    );
  }));

test('a watch – from a compacted version – has one ERROR with 410, and ends', () =>
  withServer(async (server) => {
    const first = await server.client.create(configMaps, map('a'));
    for (let i = 0; i < 3; i++) await server.client.create(configMaps, map(`b${i}`));
    await server.store.compact(await server.store.newestRevision());
    await using second = await startTestServer({ store: server.store });
    const watcher = await watch(second, `resourceVersion=${first.metadata.resourceVersion}`);
    await watcher.ended();
    assert.equal(watcher.seen[0]!.type, 'ERROR');
    assert.equal(watcher.seen[0]!.object.code, 410);
    assert.match(watcher.seen[0]!.object.message!, /^too old resource version: \d+ \(\d+\)$/);
  }));

test('a watch – from a version that is still to come – is open, and shows what comes after it', () =>
  withServer(async (server) => {
    const future = Number(await server.store.newestRevision()) + 2;
    const watcher = await watch(server, `resourceVersion=${future}&allowWatchBookmarks=true`);
    for (const name of ['a', 'b', 'c', 'd']) await server.client.create(configMaps, map(name));
    assert.deepEqual(await watcher.transcript(2), ['ADDED c', 'ADDED d']);
  }));

test('a watch with initial events – of a version that does not come – has a timeout', async () => {
  const clock = new VirtualClock();
  await withServer(async (server) => {
    const watcher = await watch(
      server,
      'resourceVersion=9999&sendInitialEvents=true&resourceVersionMatch=NotOlderThan',
    );
    await clock.advance(4000);
    await watcher.ended();
    const { type, object } = watcher.seen[0]!;
    assert.deepEqual([type, object.code], ['ERROR', 504]);
    assert.match(object.message!, /^Timeout: Too large resource version: 9999, current: \d+$/);
  }, clock);
});

test('a watch – that begins nowhere – marks the end of its first objects too', () =>
  withServer(async (server) => {
    await server.client.create(configMaps, map('a'));
    for (const query of ['', 'resourceVersion=0&']) {
      const watcher = await watch(server, `${query}allowWatchBookmarks=true`);
      assert.deepEqual(await watcher.transcript(2), ['ADDED a', 'BOOKMARK']);
    }
  }));

test('a watch – its receiver is slow – has everything once it reads again', () =>
  withServer(async (server) => {
    const watcher = await watch(server, '');
    watcher.state.paused = true;
    for (let i = 0; i < 50; i++) await server.client.create(configMaps, map(`m${i}`));
    watcher.state.paused = false;
    watcher.state.resume();
    assert.equal(new Set(await watcher.transcript(50)).size, 50);
  }));

test('a bookmark – of a Table or metadata watch – has the requested form', () =>
  withServer(async (server) => {
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const accept = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
    const watcher = await watch(server, query, accept);
    await watcher.transcript(1);
    assert.equal((watcher.seen[0]!.object as unknown as { kind: string }).kind, 'PartialObjectMetadata');
  }));

const tables = 'application/json;as=Table;v=v1;g=meta.k8s.io';

interface SeenTable {
  columnDefinitions: { name: string }[] | null;
  rows: { cells: unknown[]; object: { kind: string; metadata: Record<string, unknown> } }[];
}

test('a watch of Tables – its changes – have one row each, and the first of each watcher has the columns', () =>
  withServer(async (server) => {
    const watchers = [await watch(server, '', tables), await watch(server, '', tables)];
    for (const name of ['a', 'b']) await server.client.create(configMaps, map(name));
    watchers.push(await watch(server, '', tables));
    await server.client.create(configMaps, map('c'));
    for (const watcher of watchers) {
      await watcher.transcript(3);
      const seen = watcher.seen.map(({ object }) => object as unknown as SeenTable);
      assert.deepEqual(
        seen.map(({ columnDefinitions, rows }) => [
          columnDefinitions?.map(({ name }) => name) ?? null,
          rows.map(({ cells }) => cells.slice(0, 2)),
        ]),
        [
          [['Name', 'Data', 'Age'], [['a', 0]]],
          [null, [['b', 0]]],
          [null, [['c', 0]]],
        ],
      );
    }
  }));

test('a watch of Tables – the bookmark behind the initial events – is a row whose metadata says so', () =>
  withServer(async (server) => {
    const initial = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    for (const include of ['', '&includeObject=None']) {
      const watcher = await watch(server, `${initial}${include}`, tables);
      await watcher.transcript(1);
      const table = watcher.seen[0]!.object as unknown as SeenTable;
      const { resourceVersion } = watcher.seen[0]!.object.metadata;
      const annotations = { 'k8s.io/initial-events-end': 'true' };
      const kind = 'PartialObjectMetadata';
      assert.equal(table.columnDefinitions!.length, 3);
      assert.deepEqual(table.rows, [
        {
          cells: ['', 0, '<unknown>'],
          object: { kind, apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion, annotations } },
        },
      ]);
    }
  }));

test('tables and metadata – v1beta1 is asked for – v1beta1 comes', async (t) =>
  withServer(async (server) => {
    for (const [as, kind] of [
      ['Table', 'Table'],
      ['PartialObjectMetadata', 'PartialObjectMetadata'],
    ]) {
      await t.test(kind!, async () => {
        const watcher = await watch(server, '', `application/json;as=${as};v=v1beta1;g=meta.k8s.io`);
        await server.client.create(configMaps, map(`a-${as!.toLowerCase()}`));
        await watcher.transcript(1);
        const { kind: seen, apiVersion } = watcher.seen[0]!.object as unknown as Record<string, string>;
        assert.deepEqual([seen, apiVersion], [kind, 'meta.k8s.io/v1beta1']);
      });
    }
  }));

test('protobuf – nothing else is taken – each event is a WatchEvent behind its length', () =>
  withServer(async (server) => {
    await server.client.create(configMaps, map('a'));
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const stop = new AbortController();
    const response = await server.transport.request({
      method: 'GET',
      path: `${path}?watch=true&${query}`,
      headers: { accept: 'application/vnd.kubernetes.protobuf' },
      signal: stop.signal,
    });
    assert.equal(response.headers['content-type'], 'application/vnd.kubernetes.protobuf;stream=watch');
    const events = protobufEvents(response);
    const initial = await events.next();
    const bookmark = await events.next();
    await server.client.delete(configMaps, { namespace: 'ns', name: 'a' });
    const deleted = await events.next();
    stop.abort();
    const seen = [initial, bookmark, deleted].map(({ value }) => value!);
    assert.deepEqual(
      seen.map(({ type, kind, name }) => `${type} ${kind} ${name}`),
      ['ADDED ConfigMap a', 'BOOKMARK ConfigMap ', 'DELETED ConfigMap a'],
    );
  }));

test('a watch – each minute, and at its timeout – has a bookmark, and ends', async () => {
  const clock = new VirtualClock();
  await withServer(async (server) => {
    const now = await server.store.newestRevision();
    const query = `resourceVersion=${now}&allowWatchBookmarks=true&timeoutSeconds=90`;
    const watcher = await watch(server, query);
    await clock.advance(61_000);
    assert.deepEqual(await watcher.transcript(1), ['BOOKMARK']);
    await clock.advance(30_000);
    await watcher.ended();
    assert.deepEqual(await watcher.transcript(2), ['BOOKMARK', 'BOOKMARK']);
  }, clock);
});

test('a watch – for less than no time – ends at once', () =>
  withServer(async (server) => {
    const watcher = await watch(server, 'timeoutSeconds=-1');
    await watcher.ended();
    assert.deepEqual(await watcher.transcript(0), []);
  }));

test('a watch – the server stops – ends', async () => {
  const server = await startTestServer();
  const watcher = await watch(server, '');
  await server.stop();
  await watcher.ended();
  assert.equal(watcher.isOver, true);
});

test('the path /watch/ – of one object – is a watch of its name', () =>
  withServer(async (server) => {
    const response = await server.transport.request({
      method: 'GET',
      path: '/api/v1/watch/namespaces/ns/configmaps/b',
      headers: {},
    });
    assert.ok('start' in response.body);
    const { body } = response;
    const first = new Promise<string>((resolve) =>
      body.start({
        write(chunk) {
          resolve(Buffer.from(chunk).toString());
          return true;
        },
        end() {},
        fail: assert.fail,
        onDrain() {},
        onClose() {},
      }),
    );
    for (const name of ['a', 'b']) await server.client.create(configMaps, map(name));
    assert.equal(JSON.parse(await first).object.metadata.name, 'b');
  }));

/** The events of a protobuf watch, read with the server's own decoder. */
async function* protobufEvents(response: ApiResponse) {
  const decoder = new ProtobufDecoder(loadSchema());
  const typeName = (kind: string) =>
    kind === 'Status' ? 'io.k8s.apimachinery.pkg.apis.meta.v1.Status' : `io.k8s.api.core.v1.${kind}`;
  let bytes = Buffer.alloc(0);
  assert.ok('start' in response.body, 'a stream');
  for await (const chunk of streamChunks(response.body)) {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE()) {
      const event = protobuf.Reader.create(bytes.subarray(4, 4 + bytes.readUInt32BE()));
      bytes = bytes.subarray(4 + bytes.readUInt32BE());
      event.uint32();
      const type = event.string();
      event.uint32();
      const extension = protobuf.Reader.create(event.bytes());
      extension.uint32();
      const { kind, raw } = unwrapEnvelope(extension.bytes());
      const object = decoder.decode(typeName(kind), raw) as { metadata?: { name?: string } };
      yield { type, kind, name: object.metadata?.name ?? '' };
    }
  }
}
