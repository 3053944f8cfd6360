import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { closeGently, readToTheEnd, splice } from './splice.ts';

/** Two ends of one TCP connection. */
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

test('readToTheEnd: a peer that says its last word and resets while we write – the word is read', async (t) => {
  const [near, far] = await pair(t);
  readToTheEnd(near);
  near.pause();
  far.write('last word');
  // Unread bytes make the close a reset.
  near.write(lots.subarray(0, 100_000));
  await once(far, 'readable');
  far.destroy();
  await once(far, 'close');
  // Fails: the other end is gone.
  for (let i = 0; i < 3; i++) await new Promise<void>((done) => void near.write('more', () => done()));
  near.resume();
  assert.equal(await textOf(near), 'last word');
});

test('closeGently: a peer that still writes – it reads all that was sent, then the end', async (t) => {
  const [near, far] = await pair(t);
  const all = textOf(far);
  far.on('end', () => far.end());
  far.write(lots);
  near.write('all of it');
  closeGently(near);
  assert.equal(await all, 'all of it');
});

test('splice: a backend that is done while the caller still writes – the caller has its words and the end', async (t) => {
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

test('splice: a caller who is gone while much comes for him – the backend is read on and closed', async (t) => {
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

test('splice: a side that was gone before – the other one is closed', async (t) => {
  const [, callerSide] = await pair(t);
  const [backendSide, backend] = await pair(t);
  callerSide.destroy();
  backend.on('end', () => backend.end());
  backend.resume();
  splice(callerSide, backendSide, { near: Buffer.alloc(0), far: Buffer.alloc(0) });
  await once(backend, 'close');
});
