import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { readRequestTarget } from '#base/net/request-target.ts';
import { refuseRaw } from '#host/http/raw-answer.ts';
import type { KubeNode } from '../../node/kube-node.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { StreamTarget } from '../../runtime/remote-session.ts';
import { controlFrame, dataFrame, FrameReader, flagFin, frameTypes, idOf, uint32 } from './spdy-frames.ts';
import { joinStreams } from './streams.ts';

const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n';
const stdinId = 3;

/** The runtime's streaming server: it takes every stream, and holds back its answers to pings. */
class FakeRuntime {
  readonly heard: string[] = [];
  readonly pings: Buffer[] = [];
  socket: Socket | undefined;
  #stdinBytes = 0;
  #wake = () => {};

  take(socket: Socket): void {
    this.socket = socket;
    const frames = new FrameReader({
      onData: (id, piece, flags) => {
        if (id === stdinId) this.#stdinBytes += piece.length;
        const end = `the end of stream ${id}, ${this.#stdinBytes} bytes of stdin`;
        if ((flags & flagFin) !== 0) this.#hear(end);
      },
      onControl: (type, frame) => {
        if (type === frameTypes.ping) this.pings.push(frame);
        const reply = controlFrame(frameTypes.synReply, uint32(idOf(frame)));
        if (type === frameTypes.synStream) socket.write(reply);
        this.#hear(type === frameTypes.ping ? 'ping' : `stream ${idOf(frame)}`);
      },
    });
    socket.on('data', (chunk: Buffer) => frames.push(chunk));
    socket.on('error', () => undefined);
    socket.on('end', () => this.#hear('the end'));
    socket.write(switching);
  }

  #hear(what: string): void {
    this.heard.push(what);
    this.#wake();
  }

  async until(isHeard: (heard: readonly string[]) => boolean): Promise<void> {
    while (!isHeard(this.heard)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** A kubelet whose runtime is `runtime`: its port. */
async function kubelet(t: TestContext, runtime: FakeRuntime): Promise<number> {
  const streaming = await listen(t, (_request, socket) => runtime.take(socket));
  const target: StreamTarget = {
    kind: 'url',
    url: `http://127.0.0.1:${streaming}/exec/x`,
    runsCommand: true,
  };
  const pod = { metadata: { namespace: 'ten', name: 'web', uid: 'u' } } as NodePod;
  const node = {
    readView: async () => ({ containers: [{ name: 'main', id: 'c', state: 'running' }], sandboxes: [] }),
    runtime: { exec: async () => target },
  } as unknown as KubeNode;
  return listen(t, (request, socket, head) => {
    joinStreams(() => ({ node, pod }), readRequestTarget(request.url!)!, request, socket, head).catch(
      (error) => refuseRaw(socket, { status: 500, body: String(error) }),
    );
  });
}

async function listen(
  t: TestContext,
  onUpgrade: (request: Parameters<typeof joinStreams>[2], socket: Socket, head: Buffer) => void,
): Promise<number> {
  const server = createServer();
  const sockets: Socket[] = [];
  server.on('upgrade', (request, socket: Socket, head) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    onUpgrade(request, socket, head);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const path = '/exec/ten/web/main?command=cat&input=1&output=1';
const stdinBytes = 200_000;

/** Streams error, stdin and stdout over a WebSocket, stdin has `stdinBytes`. */
async function leaveWebSocket(port: number, runtime: FakeRuntime): Promise<void> {
  const caller = new WebSocket(`ws://127.0.0.1:${port}${path}`, ['v5.channel.k8s.io']);
  caller.on('error', () => undefined);
  await once(caller, 'message');
  await runtime.until((heard) => heard.includes('stream 5'));
  await new Promise((resolve) => caller.send(Buffer.alloc(1 + stdinBytes), resolve));
  caller.terminate();
}

async function openSpdy(port: number, runtime: FakeRuntime): Promise<Socket> {
  const caller = connect({ host: '127.0.0.1', port });
  caller.on('error', () => undefined);
  caller.write(`POST ${path} HTTP/1.1\r\nHost: n\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n`);
  await once(caller, 'data');
  caller.resume();
  for (const id of [1, stdinId, 5]) {
    caller.write(controlFrame(frameTypes.synStream, uint32(id), Buffer.alloc(6)));
  }
  await runtime.until((heard) => heard.includes('stream 5'));
  return caller;
}

/** As `leaveWebSocket` over SPDY, but with a data frame of which a part was sent. */
async function leaveSpdy(port: number, runtime: FakeRuntime): Promise<void> {
  const caller = await openSpdy(port, runtime);
  const unfinished = dataFrame(stdinId, 0, Buffer.alloc(2 * stdinBytes));
  await new Promise<void>((resolve) => {
    caller.write(unfinished.subarray(0, unfinished.length - stdinBytes), () => resolve());
  });
  caller.end();
}

async function sendNoFrame(port: number, runtime: FakeRuntime): Promise<void> {
  const caller = await openSpdy(port, runtime);
  caller.write(dataFrame(stdinId, 0, Buffer.alloc(stdinBytes)));
  caller.write(controlFrame(frameTypes.synStream, Buffer.alloc(2)));
}

describe("a command's caller – leaves while its stdin is not read – stdin ends, and the runtime is read until it is done", {
  concurrency: true,
}, () => {
  for (const [name, leave] of Object.entries({
    WebSocket: leaveWebSocket,
    SPDY: leaveSpdy,
    'SPDY, with what is no frame': sendNoFrame,
  })) {
    test(name, async (t) => {
      const runtime = new FakeRuntime();
      await leave(await kubelet(t, runtime), runtime);
      await runtime.until((heard) => heard.includes('the end') || runtime.pings.length === 5);
      const ends = [1, stdinId, 5].map((id) => `the end of stream ${id}, ${stdinBytes} bytes of stdin`);
      const pings = Array(5).fill('ping');
      assert.deepEqual(runtime.heard.slice(3), [...ends, ...pings]);
      // More than all buffers between hold: it is read, though its reader is gone.
      const output = dataFrame(5, 0, Buffer.alloc(8_000_000));
      await new Promise<void>((resolve) => {
        runtime.socket!.write(output, () => resolve());
      });
      assert.ok(!runtime.heard.includes('the end'));
      for (const ping of runtime.pings) runtime.socket!.write(ping);
      await runtime.until((heard) => heard.includes('the end'));
    });
  }
});

test('frames – in pieces of one byte – are those that were written', () => {
  const read: string[] = [];
  const frames = new FrameReader({
    onData: (id, piece, flags) => read.push(`${id} ${piece} ${flags}`),
    onControl: (type, frame) => read.push(`${type} ${idOf(frame)}`),
  });
  const sent = [
    dataFrame(1, 0, Buffer.from('ab')),
    controlFrame(frameTypes.ping, uint32(7)),
    dataFrame(3, flagFin, new Uint8Array()),
    dataFrame(3, flagFin, Buffer.from('cd')),
  ];
  for (const byte of Buffer.concat(sent)) frames.push(Buffer.from([byte]));
  assert.deepEqual(read, ['1 a 0', '1 b 0', '6 7', '3  1', '3 c 0', '3 d 1']);
});

test('a control frame – longer than any is – is refused before it is kept', () => {
  const frames = new FrameReader({ onData() {}, onControl() {} });
  const head = controlFrame(frameTypes.synStream, Buffer.alloc(2 * 1024 * 1024)).subarray(0, 8);
  assert.throws(() => frames.push(head), /a SPDY control frame of 2097152 bytes/);
});
