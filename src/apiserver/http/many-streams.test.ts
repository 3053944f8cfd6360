/** One HTTP/2 connection that carries as many informers as a Go client's does, and reads slowly. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { type TestContext, test } from 'node:test';
import { configMaps } from '#api/generated/kinds.gen.ts';
import { adminUser, startTestServer } from '#testing/server/test-server.ts';

const streams = 250;
const objects = 10_000;
const path = '/api/v1/namespaces/many/configmaps';
/** What the lists and watches of this test are together is a gigabyte. */
const waitingBytesMax = 350e6;

async function start(t: TestContext, count = objects) {
  // Of anyone else, priority and fairness would let begin a few at a time.
  const authenticator = { name: 'admin', authenticate: () => adminUser };
  const server = await startTestServer({ https: true, authenticators: [authenticator] });
  t.after(() => server.stop());
  const data = { text: 'x'.repeat(200) };
  const create = (i: number) =>
    server.client.create(configMaps, { metadata: { name: `map-${i}`, namespace: 'many' }, data });
  for (let i = 0; i < count; i += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, j) => create(i + j)));
  }
  const session = connect(server.url, { ca: server.pki.ca.certPem });
  const failures: unknown[] = [];
  session.on('error', (error) => failures.push(error));
  session.on('goaway', (code) => failures.push(`GOAWAY ${code}`));
  t.after(() => session.destroy());
  return { server, session, failures };
}

/** Only its head is read until the test reads on. */
async function open(session: ClientHttp2Session, query: string): Promise<ClientHttp2Stream> {
  const stream = session.request({ ':path': path + query });
  stream.pause();
  const [head] = await once(stream, 'response');
  assert.equal(head[':status'], 200);
  return stream;
}

/** Resolves with how many lines there were when `enough` of them have come. */
function lines(stream: ClientHttp2Stream, enough: number): Promise<number> {
  let found = 0;
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => {
      for (const byte of chunk) if (byte === 10) found++;
      if (found >= enough) resolve(found);
    });
    stream.on('error', reject);
    stream.on('close', () => reject(new Error(`closed after ${found} lines`)));
    stream.resume();
  });
}

test('250 watches with 10,000 first objects each – over one connection with a slow reader – all live on', async (t) => {
  const { server, session, failures } = await start(t);
  const before = process.memoryUsage().arrayBuffers;
  const watches = await Promise.all(Array.from({ length: streams }, () => open(session, '?watch=true')));
  const lists = await Promise.all(Array.from({ length: 20 }, () => open(session, '')));
  assert.ok(process.memoryUsage().arrayBuffers - before < waitingBytesMax, 'what waits is bounded');
  const read = watches.slice(0, 5);
  assert.deepEqual(await Promise.all(read.map((watch) => lines(watch, objects))), Array(5).fill(objects));
  const events = read.map((watch) => lines(watch, 1));
  await server.client.create(configMaps, { metadata: { name: 'late', namespace: 'many' } });
  await Promise.all(events);
  const [list] = lists;
  const chunks = await list!.toArray();
  assert.equal(JSON.parse(Buffer.concat(chunks).toString()).items.length, objects);
  assert.deepEqual(failures, []);
  for (const stream of [...watches, ...lists.slice(1)]) assert.equal(stream.destroyed, false);
});

test('250 watches – cancelled at once – do not end their connection', async (t) => {
  const { session, failures } = await start(t, 100);
  for (let round = 0; round < 6; round++) {
    const watches = await Promise.all(Array.from({ length: streams }, () => open(session, '?watch=true')));
    const closed = watches.map((watch) => once(watch, 'close'));
    for (const watch of watches) watch.close(8);
    await Promise.all(closed);
  }
  await open(session, '?limit=1');
  assert.deepEqual(failures, []);
});
