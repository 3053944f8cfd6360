/** Watches over WebSockets: what each message is, how they begin and end, and who is refused. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { type ClientOptions, WebSocket } from 'ws';
import { configMaps } from '#api/generated/kinds.gen.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { framed, lines } from './web-socket.ts';

const path = '/api/v1/namespaces/default/configmaps';
const origin = 'https://example.com';

async function start(t: TestContext) {
  const api = await startTestServer({ https: true });
  t.after(api.stop);
  const { certPem: cert, keyPem: key } = api.pki.admin();
  const identity = { cert, key, ca: api.pki.ca.certPem };
  const connect = (query: string, protocols: string[] = [], options: ClientOptions = { origin }) => {
    const url = `${api.url.replace('https', 'wss')}${path}?watch=1${query}`;
    const socket = new WebSocket(url, protocols, { ...identity, ...options });
    socket.on('error', () => {});
    t.after(() => socket.terminate());
    return socket;
  };
  return { api, connect };
}

/** Messages one by one. */
function messages(socket: WebSocket): () => Promise<{ data: Buffer; isBinary: boolean }> {
  const came: { data: Buffer; isBinary: boolean }[] = [];
  let wake = () => {};
  socket.on('message', (data, isBinary) => {
    came.push({ data: data as Buffer, isBinary });
    wake();
  });
  return async () => {
    while (came.length === 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      await promise;
    }
    return came.shift()!;
  };
}

/** Status and body of the answer to one that is refused. */
async function refusalOf(socket: WebSocket): Promise<{ status: number; text: string }> {
  const [, answer] = await once(socket, 'unexpected-response');
  const chunks = await answer.toArray();
  return { status: answer.statusCode, text: Buffer.concat(chunks).toString() };
}

test('a watch over a WebSocket – in JSON – sends a text message for each event, a line with its end', async (t) => {
  const { api, connect } = await start(t);
  const create = (name: string) =>
    api.client.create(configMaps, { metadata: { name, namespace: 'default' } });
  await create('a');
  await create('b');
  const socket = connect('');
  const next = messages(socket);
  const seen: unknown[] = [];
  const read = async () => {
    const { data, isBinary } = await next();
    const text = data.toString();
    const { type, object } = JSON.parse(text);
    seen.push([type, object.metadata.name, isBinary, text.endsWith('\n')]);
  };
  await read();
  await read();
  await api.client.delete(configMaps, { namespace: 'default', name: 'a' });
  await read();
  assert.deepEqual(seen, [
    ['ADDED', 'a', false, true],
    ['ADDED', 'b', false, true],
    ['DELETED', 'a', false, true],
  ]);
});

test('a watch over a WebSocket – in protobuf – sends a binary message for each event, without its length', async (t) => {
  const { api, connect } = await start(t);
  await api.client.create(configMaps, { metadata: { name: 'a', namespace: 'default' } });
  const headers = { accept: 'application/vnd.kubernetes.protobuf;stream=watch' };
  const next = messages(connect('', [], { origin, headers }));
  const { data, isBinary } = await next();
  assert.deepEqual([isBinary, data.subarray(0, 7).toString()], [true, '\n\u0005ADDED']);
});

test('a watch over a WebSocket – at its end – is closed as usual', async (t) => {
  const { connect } = await start(t);
  const [code] = await once(connect('&timeoutSeconds=1'), 'close');
  assert.equal(code, 1000);
});

for (const protocol of ['base64.binary.k8s.io', 'binary.k8s.io', 'anything']) {
  test(`a watch over a WebSocket – that names the protocol ${protocol} – gets it`, async (t) => {
    const { connect } = await start(t);
    const socket = connect('', [protocol]);
    await once(socket, 'open');
    assert.equal(socket.protocol, protocol);
  });
}

test('a watch over a WebSocket – that names a token beside a protocol – gets the protocol, the token stays unsaid', async (t) => {
  const { connect } = await start(t);
  const token = `base64url.bearer.authorization.k8s.io.${Buffer.from('token').toString('base64url')}`;
  const socket = connect('', [token, 'base64.binary.k8s.io']);
  await once(socket, 'open');
  assert.equal(socket.protocol, 'base64.binary.k8s.io');
});

test('a watch over a WebSocket – with more protocols or without an origin – is refused', async (t) => {
  const { connect } = await start(t);
  assert.deepEqual(await refusalOf(connect('', ['a', 'b'])), { status: 400, text: '' });
  assert.deepEqual(await refusalOf(connect('', [], {})), { status: 403, text: '' });
  const old = connect('', [], { origin, protocolVersion: 8 });
  assert.deepEqual(await refusalOf(old), { status: 400, text: 'missing or bad WebSocket Version' });
});

test('a watch over a WebSocket – that no watch could be – is refused with a Status', async (t) => {
  const { connect } = await start(t);
  const { status, text } = await refusalOf(connect('&fieldSelector=spec.x%3D1'));
  assert.equal(status, 400);
  assert.equal(
    JSON.parse(text).message,
    '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
  );
});

test('events in pieces – that end anywhere – become one message each', () => {
  const bytes = Buffer.from('one\ntwo\nthree\n');
  const frames = Buffer.concat(
    ['one', 'two', 'three'].map((text) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(text.length);
      return Buffer.concat([length, Buffer.from(text)]);
    }),
  );
  for (let cut = 0; cut <= frames.length; cut++) {
    const [line, frame] = [lines(), framed()];
    const whole = [...line(bytes.subarray(0, cut)), ...line(bytes.subarray(cut))];
    assert.deepEqual(whole.map(String), ['one\n', 'two\n', 'three\n']);
    const found = [...frame(frames.subarray(0, cut)), ...frame(frames.subarray(cut))];
    assert.deepEqual(found.map(String), ['one', 'two', 'three']);
  }
});
