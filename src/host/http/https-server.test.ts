/** The HTTPS listener: its limits for callers. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';
import { systemEnv } from '../system-env.ts';
import { listenHttps } from './https-server.ts';
import type { HttpLimits } from './limits.ts';
import { refuseRaw } from './raw-answer.ts';
import { tooManyConnections } from './turn-away.ts';

async function start(t: TestContext, limits: Partial<HttpLimits> = {}) {
  const pki = await ensurePki({ ...systemEnv(), store: memoryPkiStore() });
  const { certPem, keyPem } = pki.kubeletServing('n1', ['127.0.0.1']);
  const server = await listenHttps({
    host: '127.0.0.1',
    port: 0,
    certPem,
    keyPem,
    clientCaPem: pki.ca.certPem,
    limits,
    tooManyConnections: tooManyConnections('text/plain', (message) => message),
    onRequest: (asked, response) => {
      if (asked.url === '/held') response.write('held');
      else response.end(String(asked.url!.length));
    },
    mayUpgrade: () => true,
    onUpgrade: (asked, socket) => refuseRaw(socket, { status: 200, body: String(asked.url!.length) }),
  });
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    return server.stop();
  });
  const { port } = server;
  const dial = async (): Promise<TLSSocket> => {
    const socket = connect({ host: '127.0.0.1', port, ca: pki.ca.certPem });
    sockets.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    return socket;
  };
  const get = (path: string, headers = {}) =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const options = { host: '127.0.0.1', port, ca: pki.ca.certPem, agent: false, path, headers };
      const asked = request(options, (answer) =>
        answer.toArray().then((chunks) => {
          resolve({ status: answer.statusCode!, body: Buffer.concat(chunks).toString() });
        }, reject),
      );
      asked.once('error', reject).end();
    });
  return { get, dial, port, sockets, stop: () => server.stop() };
}

test('request line and header – a million bytes, for an upgrade too, more – are read, 431', async (t) => {
  const { get } = await start(t);
  const path = `/exec?command=${'x'.repeat(1_000_000)}`;
  const length = String(path.length);
  assert.deepEqual(await get(path), { status: 200, body: length });
  const upgrade = { connection: 'Upgrade', upgrade: 'SPDY/3.1' };
  assert.deepEqual(await get(path, upgrade), { status: 200, body: length });
  const more = await get(path, { 'x-more': 'x'.repeat(100_000) });
  assert.deepEqual(more, { status: 431, body: '431 Request Header Fields Too Large' });
});

test('many short header lines – for an upgrade as well – are all read', async (t) => {
  const { dial } = await start(t);
  for (const lines of [1000, 20_000]) {
    await t.test(`${lines} lines`, async () => {
      const socket = await dial();
      socket.write(`GET /abc HTTP/1.1\r\n${'a: b\r\n'.repeat(lines)}${upgradeLines}`);
      assert.match((await once(socket, 'data'))[0].toString(), /^HTTP\/1.1 200 OK/);
    });
  }
});

/** Short, and yet long enough for a handshake on a busy machine. */
const handshakeMs = 2000;

test('connections – without a request – are closed', async (t) => {
  const { dial, port, sockets } = await start(t, { beginMs: handshakeMs });
  const silent = connectTcp(port, '127.0.0.1');
  sockets.push(silent);
  const half = await dial();
  half.write('GET / HTTP/1.1\r\nHost: a\r\n');
  const [late] = await once(half, 'data');
  assert.match(late.toString(), /^HTTP\/1.1 408 Request Timeout/);
  if (!silent.closed) await once(silent, 'close');
});

test('a peer – too many connections – gets 429', async (t) => {
  const { get, dial } = await start(t, { connectionsPerPeerMax: 1 });
  const first = await dial();
  assert.equal((await get('/')).status, 429);
  assert.equal((await get('/', { connection: 'Upgrade', upgrade: 'SPDY/3.1' })).status, 429);
  first.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.match((await once(first, 'data'))[0].toString(), /^HTTP\/1.1 200 OK/);
});

test('a peer at its limit – with idle connections – the longest idle is closed for a new one', async (t) => {
  const { dial } = await start(t, { connectionsPerPeerMax: 2, idleKeptMs: 0 });
  const ask = async (socket: TLSSocket) => {
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.match((await once(socket, 'data'))[0].toString(), /^HTTP\/1.1 200 OK/);
  };
  const first = await dial();
  await ask(first);
  const second = await dial();
  await ask(second);
  // Now the second connection is the longest idle.
  await ask(first);
  const third = await dial();
  if (!second.closed) await once(second, 'close');
  await ask(third);
  await ask(first);
});

test('a peer at its limit – every connection has a request in flight – none is closed', async (t) => {
  const { get, dial } = await start(t, { connectionsPerPeerMax: 2, idleKeptMs: 0 });
  const busy = [await dial(), await dial()];
  for (const socket of busy) {
    socket.write('GET /held HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'data');
  }
  assert.equal((await get('/')).status, 429);
  assert.ok(busy.every((socket) => !socket.closed));
});

test('a peer at its limit – connections established just now – stay', async (t) => {
  const { get, dial } = await start(t, { connectionsPerPeerMax: 2, idleKeptMs: 60_000 });
  const fresh = [await dial(), await dial()];
  assert.equal((await get('/')).status, 429);
  assert.ok(fresh.every((socket) => !socket.closed));
});

test('connections without a handshake – beyond the limit – do not count against those with one', async (t) => {
  const { dial, port, sockets } = await start(t, { connectionsPerPeerMax: 2, silentPerPeerMax: 2 });
  const silent = Array.from({ length: 4 }, () => connectTcp(port, '127.0.0.1'));
  sockets.push(...silent);
  for (const socket of silent) socket.on('error', () => undefined);
  await Promise.race([once(silent[0]!, 'close'), once(silent[1]!, 'close')]);
  for (let speaking = 0; speaking < 2; speaking++) {
    const connection = await dial();
    connection.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.match((await once(connection, 'data'))[0].toString(), /^HTTP\/1.1 200 OK/);
  }
  const isOpen = silent.filter((socket) => !socket.closed).length;
  assert.ok(isOpen <= 2 && isOpen > 0, String(isOpen));
});

test('a connection with a request – many without a handshake after it – stays open', async (t) => {
  const { dial, port, sockets } = await start(t, { silentPerPeerMax: 1 });
  const first = await dial();
  first.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(first, 'data');
  for (let i = 0; i < 3; i++) {
    const silent = connectTcp(port, '127.0.0.1');
    sockets.push(silent);
    silent.on('error', () => undefined);
    await once(silent, 'connect');
  }
  first.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.match((await once(first, 'data'))[0].toString(), /^HTTP\/1.1 200 OK/);
});

/** Half open: it sees the end of the server's output, and stays. */
async function dialAndStay(t: TestContext, port: number, text: string): Promise<string> {
  const socket = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true });
  const secured = connect({ socket, rejectUnauthorized: false });
  t.after(() => socket.destroy());
  const ignore = () => undefined;
  for (const each of [socket, secured]) each.on('error', ignore);
  await once(secured, 'secureConnect');
  let received = '';
  secured.on('data', (chunk) => {
    received += chunk;
  });
  secured.write(text);
  const writing = setInterval(() => secured.write('more'), 20);
  t.after(() => clearInterval(writing));
  await once(socket, 'close');
  return received;
}

const upgradeLines = 'Host: a\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n';

for (const [what, text, status] of [
  ['an upgrade', `GET / HTTP/1.1\r\n${upgradeLines}`, 200],
  ['what is no HTTP', 'no such line\r\n\r\n', 400],
] as const) {
  test(`a rejected caller that never closes – after ${what} – gets its response and is disconnected`, async (t) => {
    const { port } = await start(t);
    const answer = await dialAndStay(t, port, text);
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} .*\r\n\r\n.+$`, 's'));
  });
}

test("an upgrade beyond a peer's limit – its caller never closes – is disconnected", async (t) => {
  const { dial, port } = await start(t, { connectionsPerPeerMax: 1 });
  await dial();
  assert.match(
    await dialAndStay(t, port, `GET / HTTP/1.1\r\n${upgradeLines}`),
    /^HTTP\/1.1 429 .*Too many conn/s,
  );
});

test('a server – stops with a connection that never sends – closes it and does not wait', {
  timeout: 20_000,
}, async (t) => {
  const { port, sockets, stop, get } = await start(t);
  const silent = connectTcp(port, '127.0.0.1');
  sockets.push(silent);
  await once(silent, 'connect');
  // Accepted before this answer came.
  await get('/a');
  await Promise.all([once(silent.resume(), 'close'), stop()]);
});
