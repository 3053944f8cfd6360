/** A server that stops, as its clients over HTTPS see it: by upstream's phases. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, get } from 'node:https';
import { test } from 'node:test';
import { configMaps } from '#api/generated/kinds.gen.ts';
import type { SpecialHandler } from '#apiserver/contract/special-handler.ts';
import { startTestServer, type TestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { promptShutdown, type ShutdownOptions } from './shutdown.ts';

const delayMs = 5000;

/** A request to `pods/a/slow` is under way from `begun` until `release`. */
async function setUp(changes: Partial<ShutdownOptions>) {
  const begun = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const slow: SpecialHandler = {
    group: '',
    resource: 'pods',
    subresource: 'slow',
    verbs: ['get'],
    async handle() {
      begun.resolve();
      await released.promise;
      return { status: 200, headers: {}, body: Buffer.from('done') };
    },
  };
  const clock = new VirtualClock();
  const server = await startTestServer({
    https: true,
    env: { clock },
    specialHandlers: [slow],
    shutdown: { ...promptShutdown, delayMs, ...changes },
  });
  const { pki, port } = server;
  const send = async (path: string, keepAlive = false): Promise<IncomingMessage> => {
    const { certPem: cert, keyPem: key } = pki.admin();
    const agent = keepAlive && new Agent({ keepAlive });
    const options = { host: '127.0.0.1', port, path, ca: pki.ca.certPem, cert, key, agent };
    const [response] = await once(get(options), 'response');
    return response;
  };
  const slowAnswer = send('/api/v1/namespaces/default/pods/a/slow', true).then(read);
  await begun.promise;
  return { clock, server, send, slowAnswer, release: () => released.resolve() };
}

async function read(response: IncomingMessage) {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const { statusCode: status, headers } = response;
  return { status, headers, text: Buffer.concat(chunks).toString() };
}

async function openWatch(send: (path: string) => Promise<IncomingMessage>, { client }: TestServer) {
  await client.create(configMaps, { metadata: { name: 'a', namespace: 'default' } });
  return read(await send('/api/v1/namespaces/default/configmaps?watch=true'));
}

test('a shutdown – with a delay – fails readyz at once, and serves requests until the delay is over', async (t) => {
  const { clock, server, send, slowAnswer, release } = await setUp({});
  t.after(release);
  const watch = openWatch(send, server);
  const statusOf = async (path: string) => (await read(await send(path))).status;
  assert.equal(await statusOf('/readyz'), 200);
  server.server.initiateStop();
  const stopped = server.stop();
  assert.deepEqual(await Promise.all(['/readyz', '/livez', '/api/v1/pods'].map(statusOf)), [500, 200, 200]);
  await clock.advance(delayMs - 1);
  assert.equal(await statusOf('/api/v1/pods'), 200);
  await clock.advance(1);
  await assert.rejects(send('/api/v1/pods'), { code: 'ECONNREFUSED' });
  assert.equal(JSON.parse((await watch).text).type, 'ADDED');
  release();
  const { status, text, headers } = await slowAnswer;
  assert.deepEqual([status, text, headers.connection], [200, 'done', 'close']);
  await stopped;
});

test('a shutdown – with retry-after – rejects new requests with 429 while a request is under way', async (t) => {
  const { clock, server, send, slowAnswer, release } = await setUp({ sendsRetryAfter: true });
  t.after(release);
  const stopped = server.stop();
  await clock.advance(delayMs);
  const { status, text, headers } = await read(await send('/api/v1/pods', true));
  assert.deepEqual(
    [status, text, headers['retry-after'], headers.connection],
    [429, 'The apiserver is shutting down, please try again later.\n', '5', 'close'],
  );
  assert.equal((await read(await send('/readyz?verbose'))).status, 500);
  assert.equal((await read(await send('/livez'))).status, 200);
  release();
  assert.equal((await slowAnswer).text, 'done');
  await stopped;
});
