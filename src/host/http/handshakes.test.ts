/** How a server begins the TLS handshakes of many connections. */

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect as connectTls, createServer } from 'node:tls';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';
import { paceHandshakes } from './handshakes.ts';

/** The first byte of a TLS handshake: its record is still incomplete. */
const firstByte = Buffer.from([0x16]);

async function startServer(t: TestContext, beginMs = 60_000) {
  const pki = await ensurePki({ ...systemEnv(), store: memoryPkiStore(), serverAddresses: ['127.0.0.1'] });
  const server = createServer({ cert: pki.server.certPem, key: pki.server.keyPem }, (socket) =>
    socket.end('hello'),
  );
  const sockets = new Set<Socket>();
  let begun = 0;
  // The paced server calls the listeners of TLS only when a handshake begins.
  server.on('connection', (socket) => {
    sockets.add(socket);
    begun++;
  });
  paceHandshakes(server, { beginMs });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    begun: () => begun,
    async connect() {
      const socket = connect(port, '127.0.0.1');
      t.after(() => socket.destroy());
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      return socket;
    },
    handshake: () => once(connectTls({ port, host: '127.0.0.1', ca: pki.ca.certPem }), 'data'),
  };
}

test('a handshake – two hundred others that begin at the same moment – does not wait for all of them', async (t) => {
  const server = await startServer(t);
  const others = 200;
  const sockets = await Promise.all(Array.from({ length: others }, server.connect));
  const answered = server.handshake();
  for (const socket of sockets) socket.write(firstByte);
  assert.equal(String(await answered), 'hello');
  assert.ok(server.begun() <= others / 2, `${server.begun()} had begun before it was done`);
});

test('a handshake – of the oldest connection, while newer ones come all the time – begins too', async (t) => {
  const server = await startServer(t);
  const answered = server.handshake();
  let isOver = false;
  const flood = async () => {
    while (!isOver) (await server.connect()).write(firstByte);
  };
  const floods = Array.from({ length: 8 }, flood);
  assert.equal(String(await answered), 'hello');
  isOver = true;
  await Promise.all(floods);
});

test('a connection – that sends nothing in its time, or closes before its first byte – is closed, and no handshake begins', async (t) => {
  const server = await startServer(t, 50);
  const silent = await server.connect();
  const closing = await server.connect();
  closing.end();
  await Promise.all([silent, closing].map((socket) => once(socket.resume(), 'close')));
  assert.equal(server.begun(), 0);
});

test('a handshake – whose first byte comes long before the rest – is finished', async (t) => {
  const server = await startServer(t);
  const client = connectTls({ socket: inTwoPieces(await server.connect()), rejectUnauthorized: false });
  assert.equal(String(await once(client, 'data')), 'hello');
});

test('a handshake – of a connection among two hundred that closed while they waited – begins in the next turn', async () => {
  const server = new EventEmitter();
  const begun: unknown[] = [];
  server.on('connection', (socket) => begun.push(socket));
  paceHandshakes(server as Server, { beginMs: 60_000 });
  const sockets = Array.from({ length: 201 }, () => Object.assign(new PassThrough(), { setTimeout() {} }));
  for (const socket of sockets) server.emit('connection', socket);
  for (const socket of sockets) socket.write(firstByte);
  // Their first bytes are seen before the next turn.
  await new Promise<void>((resolve) => process.nextTick(resolve));
  const [open] = sockets.splice(100, 1);
  for (const socket of sockets) socket.destroy();
  // The first turn gives way to connections that came in.
  for (let turn = 0; turn < 3; turn++) await nextTurn();
  assert.deepEqual(begun, [open]);
});

/** Sends the first byte of what is written before the rest. */
function inTwoPieces(socket: Socket): Duplex {
  const duplex = new Duplex({
    read: () => undefined,
    write(bytes: Buffer, _encoding, done) {
      socket.write(bytes.subarray(0, 1));
      setTimeout(() => socket.write(bytes.subarray(1), () => done()), 20);
    },
  });
  socket.setNoDelay(true);
  socket.on('data', (bytes) => duplex.push(bytes));
  return duplex;
}
