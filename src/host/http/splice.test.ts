import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { closeGently, readToTheEnd, splice } from './splice.ts';

/** The two ends of one TCP connection. */
async function pair(t: TestContext): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const near = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  const [far] = await accepted;
  t.after(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  for (const side of [near, far]) side.on('error', () => undefined);
  return [near, far];
}

async function textOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  await once(socket, 'close');
  return text;
}

const lots = Buffer.alloc(8 * 1024 * 1024);

test('readToTheEnd – a peer sends and resets while we write – everything it sent is read', async (t) => {
  const [near, far] = await pair(t);
  readToTheEnd(near);
  near.pause();
  far.write('last word');
  // Unread bytes make the close a reset.
  near.write(lots.subarray(0, 100_000));
  await once(far, 'readable');
  far.destroy();
  await once(far, 'close');
  // Fails: the other end is closed.
  for (let i = 0; i < 3; i++) await new Promise<void>((done) => void near.write('more', () => done()));
  near.resume();
  assert.equal(await textOf(near), 'last word');
});

test('closeGently – a peer that still writes – reads everything that was sent, then the end', async (t) => {
  const [near, far] = await pair(t);
  const all = textOf(far);
  far.on('end', () => far.end());
  far.write(lots);
  near.write('all of it');
  closeGently(near);
  assert.equal(await all, 'all of it');
});

test('splice – a backend closes while the caller still writes – the caller gets all its bytes and the end', async (t) => {
  const [caller, callerSide] = await pair(t);
  const [backendSide, backend] = await pair(t);
  readToTheEnd(backendSide);
  splice(callerSide, backendSide, { near: Buffer.from('head '), far: Buffer.from('answer ') });
  const all = textOf(caller);
  caller.on('end', () => caller.end());
  caller.write(lots);
  await once(backend, 'readable');
  backend.end('status');
  backend.resume();
  assert.equal(await all, 'answer status');
});

test('splice – the caller is disconnected while the backend sends much – the backend is read on and closed', async (t) => {
  const [caller, callerSide] = await pair(t);
  const [backendSide, backend] = await pair(t);
  splice(callerSide, backendSide, { near: Buffer.alloc(0), far: Buffer.alloc(0) });
  backend.write(lots);
  backend.on('end', () => backend.end());
  backend.resume();
  await once(caller, 'readable');
  caller.resetAndDestroy();
  await once(backend, 'close');
  assert.equal(backend.bytesWritten, lots.length);
});

test('splice – one side was closed before – the other is closed', async (t) => {
  const [, callerSide] = await pair(t);
  const [backendSide, backend] = await pair(t);
  callerSide.destroy();
  backend.on('end', () => backend.end());
  backend.resume();
  splice(callerSide, backendSide, { near: Buffer.alloc(0), far: Buffer.alloc(0) });
  await once(backend, 'close');
});
