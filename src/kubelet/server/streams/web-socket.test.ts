import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type RawData, WebSocket } from 'ws';
import type { RemoteSession, RemoteSessionHandlers, StreamTarget } from '../../runtime/remote-session.ts';
import { silentSession } from '../../simulated/simulated-session.ts';
import type { StreamOptions } from './remote-command.ts';
import { bridgeCommand } from './web-socket.ts';

const all: StreamOptions = { stdin: true, stdout: true, stderr: true, tty: false };
const success = JSON.stringify({ metadata: {}, status: 'Success' });

interface Said {
  readonly channels: Map<number, string>;
  readonly order: number[];
  readonly closeCode: number;
}

/** The messages that a client of `protocol` receives after it has sent `words`, until it is closed. */
async function hear(
  t: TestContext,
  target: StreamTarget,
  { options = all, protocol = 'v5.channel.k8s.io', words = [] as (Buffer | string)[] } = {},
): Promise<Said> {
  const server = createServer();
  server.on('upgrade', (request, socket, head) => bridgeCommand(request, socket, head, target, options));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const protocols = protocol === '' ? [] : [protocol];
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, protocols);
  const channels = new Map<number, string>();
  const order: number[] = [];
  socket.on('message', (data: RawData, isBinary) => {
    const bytes = data as Buffer;
    const channel = isBinary ? bytes[0]! : Number(String.fromCharCode(bytes[0]!));
    const content = bytes.subarray(1).toString();
    order.push(channel);
    channels.set(
      channel,
      (channels.get(channel) ?? '') + (isBinary ? content : Buffer.from(content, 'base64')),
    );
  });
  socket.on('open', () => {
    for (const word of words) socket.send(word);
  });
  const [closeCode] = await once(socket, 'close');
  return { channels, order, closeCode };
}

function target(
  speak: (handlers: RemoteSessionHandlers) => void,
  own: Partial<RemoteSession> = {},
): StreamTarget {
  return {
    kind: 'session',
    open(handlers) {
      queueMicrotask(() => speak(handlers));
      return { ...silentSession, ...own };
    },
  };
}

const talker = target((handlers) => {
  handlers.onStdout(Buffer.from('out'));
  handlers.onStderr(Buffer.from('err'));
  handlers.onEnd(success);
});

test('the greeting – of a new connection – is one empty message on the first channel that can be written, as upstream', async (t) => {
  const quiet = target((handlers) => handlers.onEnd(success));
  const greeted = async (options: Partial<StreamOptions>) =>
    (await hear(t, quiet, { options: { ...all, ...options } })).order;
  assert.deepEqual(await greeted({}), [1, 3]);
  assert.deepEqual(await greeted({ tty: true, stderr: false }), [1, 3]);
  assert.deepEqual(await greeted({ stdout: false }), [2, 3]);
  assert.deepEqual(await greeted({ stdout: false, stderr: false }), [3, 3]);
});

for (const protocol of ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v4.base64.channel.k8s.io']) {
  test(`${protocol} – output, then a Status`, async (t) => {
    const { channels, closeCode } = await hear(t, talker, { protocol });
    assert.deepEqual(Object.fromEntries(channels), { 1: 'out', 2: 'err', 3: success });
    assert.equal(closeCode, 1000);
  });
}

for (const protocol of ['channel.k8s.io', 'base64.channel.k8s.io', '']) {
  test(`${protocol || 'no protocol'} – nothing about a success`, async (t) => {
    const { channels } = await hear(t, talker, { protocol });
    assert.deepEqual(Object.fromEntries(channels), { 1: 'out', 2: 'err' });
  });
}

test('a command – that ends while its stdin is full – sends its status, and the end', async (t) => {
  const words = Array.from({ length: 80 }, () => Buffer.alloc(64 * 1024));
  let handlers: RemoteSessionHandlers | undefined;
  const full = target(
    (given) => {
      handlers = given;
    },
    {
      writeStdin() {
        handlers?.onStdout(Buffer.from('hello'));
        handlers?.onEnd('{"metadata":{},"status":"Failure","message":"code 3"}');
        return false;
      },
    },
  );
  const { channels, closeCode } = await hear(t, full, { words });
  assert.equal(channels.get(1), 'hello');
  assert.match(channels.get(3) ?? '', /code 3/);
  assert.equal(closeCode, 1000);
});

test('a command – whose caller does not read – is held back before much is kept for it', async (t) => {
  const server = createServer();
  t.after(() => server.close());
  const kept = new Promise<number>((resolve) => {
    server.on('upgrade', (request, socket, head) => {
      let isPaused = false;
      const chatty = target(
        (handlers) => {
          const speak = () => {
            if (isPaused) return resolve(socket.writableLength);
            handlers.onStdout(Buffer.alloc(16 * 1024));
            setImmediate(speak);
          };
          speak();
        },
        {
          pause() {
            isPaused = true;
          },
          resume() {
            isPaused = false;
          },
        },
      );
      bridgeCommand(request, socket, head, chatty, all);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const caller = new WebSocket(`ws://127.0.0.1:${port}`, ['v5.channel.k8s.io']);
  t.after(() => caller.terminate());
  caller.on('open', () => caller.pause());
  assert.ok((await kept) <= 128 * 1024);
});

/** A streaming server that agrees to SPDY and then calls `then`. */
async function runtime(t: TestContext, then: (socket: Socket) => void): Promise<StreamTarget> {
  const server = createServer();
  server.on('upgrade', (_request, socket: Socket) => {
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n');
    then(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { kind: 'url', url: `http://127.0.0.1:${port}/exec/token`, runsCommand: true };
}

const endings: Readonly<Record<string, (socket: Socket) => void>> = {
  'the end': (socket) => socket.end(),
  'a reset': (socket) => void socket.once('data', () => socket.resetAndDestroy()),
};

for (const [ending, then] of Object.entries(endings)) {
  test(`${ending} from the runtime without a status – a failure, never a success`, async (t) => {
    const { channels } = await hear(t, await runtime(t, then));
    const status = JSON.parse(channels.get(3) ?? '{}');
    assert.equal(status.status, 'Failure');
    assert.equal(status.reason, 'InternalError');
  });
}
