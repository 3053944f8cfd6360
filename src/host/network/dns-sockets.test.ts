import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, Server } from 'node:net';
import { type TestContext, test } from 'node:test';
import { askDns, listenDns } from './dns-sockets.ts';

const query = Buffer.from('a query with its number first');

test('DNS listener – a query over UDP and TCP, a caller that stays connected – gets the same bytes, does not keep it open', async (t) => {
  const listener = await listenDns('127.0.0.1', 0, async (asked, transport) =>
    Buffer.concat([asked, Buffer.from(transport)]),
  );
  for (const transport of ['udp', 'tcp'] as const) {
    await t.test(transport, async () => {
      assert.equal(
        String(await askDns('127.0.0.1', query, 60_000, listener.port, transport)),
        `${query}${transport}`,
      );
    });
  }
  const caller = connect(listener.port, '127.0.0.1');
  const gone = once(caller, 'close');
  caller.on('error', () => undefined);
  await once(caller, 'connect');
  // The listener knows the caller once it has answered it.
  caller.write(Buffer.concat([Buffer.from([0, query.length]), query]));
  await once(caller, 'data');
  await listener.close();
  await gone;
});

/**
 * A port that is taken on UDP and free on TCP, and that the kernel picks for the next `listens` TCP listeners
 * at port 0.
 */
async function pickTakenPort(t: TestContext, listens: number): Promise<number> {
  const taken = createSocket('udp4');
  t.after(() => taken.close());
  taken.bind(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address();
  const listen = Server.prototype.listen as (port: number, host: string, then: () => void) => Server;
  let left = listens;
  t.mock.method(
    Server.prototype,
    'listen',
    function (this: Server, asked: number, host: string, then: () => void) {
      return listen.call(this, asked === 0 && left-- > 0 ? port : asked, host, then);
    },
  );
  return port;
}

test('DNS listener – port 0, the number free on TCP is taken on UDP – tries another', async (t) => {
  const taken = await pickTakenPort(t, 3);
  const listener = await listenDns('127.0.0.1', 0, async (asked) => asked);
  t.after(() => listener.close());
  assert.notEqual(listener.port, taken);
  for (const transport of ['udp', 'tcp'] as const) {
    await t.test(transport, async () => {
      assert.deepEqual(await askDns('127.0.0.1', query, 60_000, listener.port, transport), query);
    });
  }
});

test('DNS listener – a port taken on UDP, named or picked every time – fails and leaves TCP free', async (t) => {
  const taken = await pickTakenPort(t, Number.POSITIVE_INFINITY);
  for (const port of [taken, 0]) {
    await t.test(port === 0 ? 'picked' : 'named', async () => {
      await assert.rejects(
        listenDns('127.0.0.1', port, async (asked) => asked),
        { code: 'EADDRINUSE', syscall: 'bind' },
      );
    });
  }
  const next = new Server();
  next.listen(taken, '127.0.0.1');
  await once(next, 'listening');
  next.close();
});

test('DNS listener – two queries in pieces on one connection – are both answered', async (t) => {
  const listener = await listenDns('127.0.0.1', 0, async (asked) => asked);
  t.after(() => listener.close());
  const framed = Buffer.concat([Buffer.from([0, query.length]), query]);
  const both = Buffer.concat([framed, framed]);
  const caller = connect(listener.port, '127.0.0.1');
  caller.setNoDelay(true);
  let received = Buffer.alloc(0);
  for (const piece of [both.subarray(0, 1), both.subarray(1, 40), both.subarray(40)]) {
    await new Promise((resolve) => caller.write(piece, resolve));
  }
  while (received.length < both.length) received = Buffer.concat([received, (await once(caller, 'data'))[0]]);
  assert.deepEqual(received, both);
  caller.destroy();
});

test('DNS listener – a caller that does not read responses – is not read either', async (t) => {
  let asked = 0;
  const listener = await listenDns('127.0.0.1', 0, async () => {
    asked++;
    return Buffer.alloc(60_000);
  });
  t.after(() => listener.close());
  const caller = connect({ host: '127.0.0.1', port: listener.port });
  t.after(() => caller.destroy());
  await once(caller, 'connect');
  caller.pause();
  const query = Buffer.concat([Buffer.from([0, 12]), Buffer.alloc(12)]);
  const questions = 20_000;
  caller.write(Buffer.concat(Array.from({ length: questions }, () => query)));
  // The kernel buffers some of the responses: the rest waits.
  let before = -1;
  while (asked === 0 || asked !== before) {
    before = asked;
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  }
  assert.ok(asked < questions / 2, `${asked} questions were read`);
});

test('DNS listener – too many connections of one caller – are limited, others are served', async (t) => {
  const listener = await listenDns('127.0.0.1', 0, async (query) => query);
  t.after(() => listener.close());
  const dial = () => {
    const socket = connect({ host: '127.0.0.1', port: listener.port });
    socket.on('error', () => undefined);
    t.after(() => socket.destroy());
    return socket;
  };
  const held = Array.from({ length: 100 }, dial);
  await Promise.all(held.map((socket) => once(socket, 'connect')));
  const more = dial();
  await once(more, 'close');
  const other = connect({ host: '127.0.0.1', port: listener.port, localAddress: '127.0.0.2' });
  t.after(() => other.destroy());
  other.write(Buffer.concat([Buffer.from([0, 12]), Buffer.alloc(12)]));
  await once(other, 'data');
});

test('DNS listener – the handler fails more often than queries may wait – the next query is answered', async (t) => {
  let failures = 0;
  const listener = await listenDns('127.0.0.1', 0, async (asked) => {
    if (failures++ < 150) throw new Error('no answer');
    return asked;
  });
  t.after(() => listener.close());
  const caller = connect({ host: '127.0.0.1', port: listener.port });
  t.after(() => caller.destroy());
  const framed = Buffer.concat([Buffer.from([0, query.length]), query]);
  caller.write(Buffer.concat(Array.from({ length: 151 }, () => framed)));
  assert.deepEqual((await once(caller, 'data'))[0], framed);
});

test('DNS listener – a response over UDP after it was closed – is dropped', async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Buffer>();
  const listener = await listenDns('127.0.0.1', 0, () => {
    asked.resolve();
    return answer.promise;
  });
  const caller = createSocket('udp4');
  caller.send(query, listener.port, '127.0.0.1');
  await asked.promise;
  await listener.close();
  answer.resolve(query);
  // An error meanwhile would fail the test as an unhandled rejection.
  await new Promise(setImmediate);
  caller.close();
});

test('a query – to a server that cannot be connected to – is rejected with the reason', async () => {
  await assert.rejects(askDns('255.255.255.255', Buffer.alloc(12), 5000), { code: 'EACCES' });
});

test('DNS listener – a caller that sends a query byte by byte – is closed after ten seconds without a whole one', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { promise: accepted, resolve } = Promise.withResolvers<void>();
  const listener = await listenDns('127.0.0.1', 0, (asked) => {
    resolve();
    return asked;
  });
  t.after(() => listener.close());
  const caller = connect(listener.port, '127.0.0.1');
  caller.on('error', () => undefined);
  const whole = Buffer.concat([Buffer.from([0, 12]), Buffer.alloc(12)]);
  caller.write(whole);
  await accepted;
  await once(caller, 'data');
  t.mock.timers.tick(9000);
  caller.write(whole.subarray(0, 1));
  t.mock.timers.tick(999);
  assert.equal(caller.destroyed, false);
  const gone = new Promise((resolve) => caller.on('close', resolve));
  t.mock.timers.tick(1);
  await gone;
});
