/** What a caller of the real listener may take, and what it is answered when it takes more. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { configMaps } from '#api/generated/kinds.gen.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { systemEnv } from '#host/system-env.ts';
import { startTestServer, type TestServerOptions } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { SpecialHandler } from '../contract/special-handler.ts';

const maps = '/api/v1/namespaces/a/configmaps';

async function start(t: TestContext, options: TestServerOptions = {}) {
  const server = await startTestServer({ https: true, ...options });
  const { pki, port } = server;
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    return server.stop();
  });
  const dial = async (): Promise<TLSSocket> => {
    const socket = connectTls({ host: '127.0.0.1', port, ca: pki.ca.certPem, ALPNProtocols: ['http/1.1'] });
    sockets.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    return socket;
  };
  const session = () => {
    const opened = connectHttp2(`https://127.0.0.1:${port}`, { ca: pki.ca.certPem });
    opened.on('error', () => undefined);
    t.after(() => opened.destroy());
    return opened;
  };
  return { server, port, dial, session, sockets };
}

const closed = (socket: Socket) =>
  new Promise((resolve) => (socket.closed ? resolve(undefined) : socket.once('close', resolve)));

/** Head and body of one answer; what follows it stays unread. */
async function answerOn(socket: Socket): Promise<{ status: number; head: string; body: string }> {
  let got = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    got += chunk;
    const [head = '', body] = splitOnce(got, '\r\n\r\n');
    const length = /content-length: (\d+)/i.exec(head)?.[1];
    const isStream = /transfer-encoding: chunked/i.test(head);
    const isWhole = isStream || (length !== undefined && body!.length >= Number(length));
    if (body !== undefined && isWhole) return { status: Number(head.split(' ')[1]), head, body };
  }
  const [head = '', body = ''] = splitOnce(got, '\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body };
}

function splitOnce(text: string, by: string): [string, string | undefined] {
  const at = text.indexOf(by);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + by.length)];
}

async function ask(socket: TLSSocket, line: string, headers = '') {
  socket.write(`${line} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`);
  return answerOn(socket);
}

test("the parameter timeout – no duration – is a 400 with Go's message; long-running requests ignore it", async (t) => {
  const { dial } = await start(t);
  const { status, body } = await ask(await dial(), `GET ${maps}?timeout=invalid`);
  assert.equal(status, 400);
  assert.equal(
    JSON.parse(body).message,
    'invalid timeout specified in the request URL - time: invalid duration "invalid"',
  );
  assert.equal(JSON.parse(body).reason, 'BadRequest');
  assert.equal((await ask(await dial(), 'GET /version?timeout=5')).status, 400);
  for (const fine of ['', '0s', '0', '-5s', '30s', '100h']) {
    await t.test(`timeout=${fine}`, async () => {
      assert.equal((await ask(await dial(), `GET ${maps}?timeout=${fine}`)).status, 200);
    });
  }
  assert.equal((await ask(await dial(), `GET ${maps}?timeout=1ns`)).status, 504);
  const watch = await ask(await dial(), `GET ${maps}?watch=1&timeoutSeconds=1&timeout=invalid`);
  assert.equal(watch.status, 200);
});

const slow = `Content-Type: application/json\r\nContent-Length: 100\r\n`;

test('a request – longer than the timeout of its URL – ends in a 504, and its connection with it', async (t) => {
  const { dial } = await start(t);
  const socket = await dial();
  const { status, body } = await ask(socket, `POST ${maps}?timeout=50ms`, slow);
  assert.equal(status, 504);
  assert.equal(JSON.parse(body).reason, 'Timeout');
  assert.equal(JSON.parse(body).message, 'Timeout: request did not complete within the allotted timeout');
});

test('a request over HTTP/2 – longer than its timeout – ends its own stream alone', async (t) => {
  const { session } = await start(t);
  const http2 = session();
  const stream = http2.request({ ':path': `${maps}?timeout=50ms`, ':method': 'POST' });
  stream.write('{');
  const [answered] = await once(stream, 'response');
  assert.equal(answered[':status'], 504);
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'close');
  assert.equal(JSON.parse(Buffer.concat(chunks).toString()).reason, 'Timeout');
  assert.equal(stream.rstCode, 0);
  const next = http2.request({ ':path': '/version' });
  assert.equal((await once(next, 'response'))[0][':status'], 200);
});

test('a request – whose URL allows more than a minute – ends after a minute', async (t) => {
  const clock = new VirtualClock();
  const asked: string[] = [];
  const authorize = () => {
    asked.push('asked');
    return { decision: 'allow', reason: '' } as const;
  };
  const env = { ...systemEnv(), clock };
  const { dial } = await start(t, { env, authorizers: [{ name: 'counts', authorize }] });
  for (const timeout of ['', '0s', '5h']) {
    await t.test(`timeout=${timeout}`, async () => {
      const answered = ask(await dial(), `POST ${maps}?timeout=${timeout}`, slow);
      while (asked.length === 0) await new Promise(setImmediate);
      asked.length = 0;
      await clock.advance(59_999);
      await clock.advance(1);
      assert.equal((await answered).status, 504);
    });
  }
});

test('the body of a refused request – still to come – is not waited for, and a long one ends the connection', async (t) => {
  const deny = { name: 'none', authorize: () => ({ decision: 'noOpinion', reason: '' }) as const };
  const { dial } = await start(t, { authorizers: [deny] });
  const socket = await dial();
  assert.equal((await ask(socket, `POST ${maps}`, slow)).status, 403);
  socket.write('x'.repeat(100));
  assert.equal((await ask(socket, 'GET /version')).status, 403, 'a short one is dropped');
  const refused = await ask(socket, `POST ${maps}`, 'Content-Length: 3000000\r\n');
  assert.equal(refused.status, 403);
  await closed(socket);
  const endless = await dial();
  assert.equal((await ask(endless, `POST ${maps}`, 'Transfer-Encoding: chunked\r\n')).status, 403);
  const flood = setInterval(() => endless.write(`10000\r\n${'x'.repeat(0x10000)}\r\n`), 1);
  t.after(() => clearInterval(flood));
  await closed(endless);
});

test('a body – of a request that is not authorized – is not requested', async (t) => {
  const { dial } = await start(t);
  const socket = await dial();
  const expecting = 'Content-Type: application/json\r\nContent-Length: 33\r\nExpect: 100-continue\r\n';
  socket.write(`POST ${maps} HTTP/1.1\r\nHost: a\r\n${expecting}\r\n`);
  const [go] = await once(socket, 'data');
  assert.match(go.toString(), /^HTTP\/1.1 100 Continue\r\n\r\n$/);
  socket.write('{"metadata":{"generateName":"a-"}}'.slice(0, 33));
  assert.equal((await answerOn(socket)).status, 400);
});

test('request line and headers – a million bytes together – are read; more are refused', async (t) => {
  const { dial } = await start(t);
  const long = 'x'.repeat(1_000_000);
  assert.equal((await ask(await dial(), `GET /version?q=${long}`)).status, 200);
  assert.equal((await ask(await dial(), 'GET /version', `X-Long: ${long}\r\n`)).status, 200);
  const { status, body } = await ask(await dial(), `GET /version?q=${long}`, `X-Long: ${long}\r\n`);
  assert.deepEqual([status, body], [431, '431 Request Header Fields Too Large']);
});

test('a header – after a thousand short ones – is read', async (t) => {
  const { dial } = await start(t);
  const lines = `${'a: b\r\n'.repeat(5000)}Audit-ID: the-last\r\n`;
  const { status, head } = await ask(await dial(), `GET ${maps}`, lines);
  assert.equal(status, 200);
  assert.match(head, /audit-id: the-last/i);
});

test('an Audit-ID – of the client – is returned, cut to 64 characters', async (t) => {
  const { dial } = await start(t);
  const socket = await dial();
  assert.match((await ask(socket, 'GET /version', 'Audit-ID: mine\r\n')).head, /\r\naudit-id: mine\r\n/);
  const long = await ask(socket, 'GET /version', `Audit-ID: ${'a'.repeat(9000)}\r\n`);
  assert.match(long.head, /\r\naudit-id: a{64}\r\n/);
  assert.match((await ask(socket, 'GET /version')).head, /\r\naudit-id: [-0-9a-f]{36}\r\n/);
});

test('an upgrade – with a body, or of a path without upgrades – is a request like others', async (t) => {
  const { dial } = await start(t);
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
  const exec = `POST /api/v1/namespaces/a/pods/b/exec?command=c`;
  for (const socket of [await dial(), await dial()]) {
    socket.write(`${exec} HTTP/1.1\r\nHost: a\r\n${upgrade}Content-Length: 5\r\n\r\n`);
    socket.write('hello');
    assert.match((await answerOn(socket)).head, /^HTTP\/1.1 4\d\d/);
  }
  assert.equal((await ask(await dial(), 'GET /version', upgrade)).status, 200);
  assert.equal(
    (await ask(await dial(), 'GET /version', 'Connection: Upgrade\r\nUpgrade: h2c\r\n')).status,
    200,
  );
  const watch = await ask(await dial(), `GET ${maps}?watch=1`, upgrade);
  assert.equal(watch.status, 400);
});

/** Short, and yet long enough for a handshake and a request on a machine with much else to do. */
const limitMs = 3000;

test('a connection – that does not begin, or is idle – is closed', async (t) => {
  const httpLimits = { beginMs: limitMs, idleMs: limitMs };
  const { port, dial, session, sockets } = await start(t, { httpLimits });
  const silent = connectTcp(port, '127.0.0.1');
  sockets.push(silent);
  const [halfHead, idle, http2, watch] = [await dial(), await dial(), session(), session()];
  halfHead.write('GET /version HTTP/1.1\r\nHost: a\r\nX-A: ');
  const stream = watch.request({ ':path': `${maps}?watch=1` });
  assert.equal((await ask(idle, 'GET /version')).status, 200);
  await once(stream, 'response');
  const late = await answerOn(halfHead);
  assert.equal(late.status, 408);
  assert.equal(late.body, '408 Request Timeout');
  await Promise.all(
    [silent, idle, http2].map((connection) => connection.closed || once(connection, 'close')),
  );
  assert.equal(stream.closed, false, 'a watch on which nothing happens is not idle');
});

test('a peer – too many connections – gets 429, and is served again when it has closed some', async (t) => {
  const { dial, session } = await start(t, { httpLimits: { connectionsPerPeerMax: 2 } });
  const [first, second] = [await dial(), await dial()];
  const third = await dial();
  const { status, head, body } = await ask(third, 'GET /version');
  assert.equal(status, 429);
  assert.match(head, /\r\nretry-after: 1\r\n/i);
  assert.equal(JSON.parse(body).reason, 'TooManyRequests');
  await closed(third);
  const http2 = session();
  const stream = http2.request({ ':path': '/version' });
  const ended = new Promise((resolve) => http2.once('close', resolve));
  const [answered] = await once(stream, 'response');
  assert.equal(answered[':status'], 429);
  stream.resume();
  await ended;
  assert.equal((await ask(first, 'GET /version')).status, 200, 'those within the bound are served');
  second.destroy();
  while ((await ask(await dial(), 'GET /version')).status === 429) await new Promise(setImmediate);
});

test('a receiver – that reads no more of a large answer – is disconnected', async (t) => {
  const clock = new VirtualClock();
  const { server, session } = await start(t, { env: { ...systemEnv(), clock } });
  const data = { text: 'x'.repeat(900_000) };
  await server.client.create(configMaps, { metadata: { name: 'big', namespace: 'a' }, data });
  const http2 = session();
  const stream = http2.request({ ':path': `${maps}/big` });
  stream.on('error', () => undefined);
  stream.pause();
  const waiting = clock.pendingTimers();
  await once(stream, 'response');
  while (clock.pendingTimers() === waiting) await new Promise(setImmediate);
  await clock.advance(60_000);
  await assert.rejects(stream.toArray());
  const next = http2.request({ ':path': '/version' });
  const [answered] = await once(next, 'response');
  assert.equal(answered[':status'], 200);
});

test('the sessions of a peer – that take all its places – make room when they are idle, not when they watch', async (t) => {
  const { session } = await start(t, { httpLimits: { connectionsPerPeerMax: 2, idleKeptMs: 0 } });
  const status = async (over: ClientHttp2Session, path: string) => {
    const stream = over.request({ ':path': path });
    t.after(() => stream.destroy());
    stream.on('error', () => undefined);
    return (await once(stream, 'response'))[0][':status'];
  };
  const watching = session();
  assert.equal(await status(watching, `${maps}?watch=1`), 200);
  for (let i = 0; i < 3; i++) {
    const idle = session();
    const ended = once(idle, 'close');
    assert.equal(await status(idle, '/version'), 200);
    assert.equal(await status(session(), '/version'), 200);
    await ended;
  }
  assert.ok(!watching.closed && !watching.destroyed);
  assert.equal(await status(watching, '/version'), 200);
});

test('pipelined requests – a write and a read of what it makes – are answered in their order, one after the other', async (t) => {
  const { dial } = await start(t);
  const socket = await dial();
  socket.write(`${postOf('piped')}GET ${maps}/piped HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
  assert.deepEqual(await statusesOn(socket), ['201', '200']);
});

test('pipelined requests – far more than a connection may hold, behind one that waits – are not read, and all answered later', async (t) => {
  let release = () => {};
  const handle = () =>
    new Promise<ApiResponse>((resolve) => {
      release = () => resolve({ status: 200, headers: {}, body: Buffer.from('held') });
    });
  const held: SpecialHandler = { group: '', resource: 'pods', subresource: 'held', verbs: ['get'], handle };
  const { dial } = await start(t, { specialHandlers: [held] });
  const socket = await dial();
  const count = 10_000;
  const filler = 'x'.repeat(3000);
  let isTaken = false;
  socket.write('GET /api/v1/namespaces/a/pods/p/held HTTP/1.1\r\nhost: a\r\n\r\n');
  socket.write(`GET /version HTTP/1.1\r\nhost: a\r\nx-filler: ${filler}\r\n\r\n`.repeat(count), () => {
    isTaken = true;
  });
  socket.write(`${postOf('last')}GET /version HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
  const other = await dial();
  for (let i = 0; i < 100; i++) assert.equal((await ask(other, 'GET /version')).status, 200);
  assert.equal(isTaken, false);
  release();
  const statuses = await statusesOn(socket);
  assert.deepEqual([statuses.length, statuses.at(-2)], [count + 3, '201']);
});

function postOf(name: string): string {
  const body = JSON.stringify({ metadata: { name } });
  return `POST ${maps} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

/** Of all answers until the connection ends. */
async function statusesOn(socket: Socket): Promise<string[]> {
  const text = Buffer.concat((await socket.toArray()) as Uint8Array[]).toString();
  return [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status!);
}
