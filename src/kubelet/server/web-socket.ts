/** The channels of a remote command over one WebSocket: v5.channel.k8s.io, where stdin can end, and v4 and older. */

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { errorText } from '#base/error-text.ts';
import type { RemoteSession, StreamTarget } from '#kubelet/remote-session.ts';
import { openSession, type StreamWishes } from './remote-command.ts';

const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
/** The first one says nothing of a success, and tells a failure in words only. */
const oldestProtocol = 'channel.k8s.io';
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io', oldestProtocol];
const tunnelProtocol = 'SPDY/3.1+portforward.k8s.io';
const bufferedBytesMax = 1024 * 1024;

function serverFor(offered: readonly string[]): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (wanted) => offered.find((one) => wanted.has(one)) ?? false,
  });
}

const commandServer = serverFor(protocols);
const tunnelServer = serverFor([tunnelProtocol]);

export function isWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}

export function offersTunnel(request: IncomingMessage): boolean {
  return (request.headers['sec-websocket-protocol'] ?? '').includes(tunnelProtocol);
}

/** Accepts the WebSocket, then joins its channels with the command's streams. */
export function bridgeCommand(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  target: StreamTarget,
  wishes: StreamWishes,
): void {
  commandServer.handleUpgrade(request, socket, head, (webSocket) => {
    void joinCommand(webSocket, target, wishes);
  });
}

async function joinCommand(webSocket: WebSocket, target: StreamTarget, wishes: StreamWishes): Promise<void> {
  let session: RemoteSession | undefined;
  // Nothing is read before there is somebody to hand it to.
  webSocket.pause();
  const send = (channel: number, chunk: Uint8Array) => {
    if (webSocket.readyState !== webSocket.OPEN) return;
    webSocket.send(Buffer.concat([Buffer.from([channel]), chunk]), () => {
      if (webSocket.bufferedAmount < bufferedBytesMax) session?.resume();
    });
    if (webSocket.bufferedAmount > bufferedBytesMax) session?.pause();
  };
  webSocket.on('message', (data: Buffer) => {
    if (session) fromCaller(session, webSocket, data);
  });
  webSocket.on('close', () => session?.close());
  webSocket.on('error', () => session?.close());
  // Tells the caller that the channels are there, as upstream does.
  for (const channel of [channels.stdout, channels.stderr, channels.error]) send(channel, new Uint8Array());
  try {
    session = await openSession(target, wishes, {
      onStdout: (chunk) => send(channels.stdout, chunk),
      onStderr: (chunk) => send(channels.stderr, chunk),
      onDrain: () => webSocket.resume(),
      onEnd(status) {
        send(channels.error, Buffer.from(webSocket.protocol === oldestProtocol ? inWords(status) : status));
        webSocket.close(1000);
      },
    });
    // The caller left while the runtime was asked: nobody else ends what was begun for him.
    if (webSocket.readyState === webSocket.CLOSED) session.close();
    webSocket.resume();
  } catch (error) {
    send(channels.error, Buffer.from(failureText(error)));
    webSocket.close(1000);
  }
}

function fromCaller(session: RemoteSession, webSocket: WebSocket, data: Buffer): void {
  const channel = data[0];
  const content = data.subarray(1);
  if (channel === channels.stdin) {
    if (content.length > 0 && !session.writeStdin(content)) webSocket.pause();
  } else if (channel === channels.close && content[0] === channels.stdin) session.closeStdin();
  else if (channel === channels.resize) {
    const size = sizeOf(content);
    if (size) session.resize(size.width, size.height);
  }
}

/** Undefined for what is no size: it comes from outside, and counts for nothing, as upstream. */
function sizeOf(content: Buffer): { width: number; height: number } | undefined {
  try {
    const size = JSON.parse(content.toString()) as { Width?: number; Height?: number } | null;
    return { width: size?.Width ?? 0, height: size?.Height ?? 0 };
  } catch {
    return undefined;
  }
}

function inWords(status: string): string {
  const { status: outcome, message = '' } = JSON.parse(status) as { status?: string; message?: string };
  return outcome === 'Success' ? '' : message;
}

function failureText(error: unknown): string {
  const message = errorText(error);
  return JSON.stringify({ metadata: {}, status: 'Failure', reason: 'InternalError', message, code: 500 });
}

/** Accepts a WebSocket that carries SPDY frames, and passes them to and from `connect`'s connection as bytes. */
export function bridgeTunnel(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  connect: () => Promise<{ socket: Duplex; head: Buffer }>,
): void {
  tunnelServer.handleUpgrade(request, socket, head, async (webSocket) => {
    webSocket.pause();
    let backend: Duplex | undefined;
    webSocket.on('message', (data: Buffer) => {
      if (backend?.write(data) === false) webSocket.pause();
    });
    webSocket.on('close', () => backend?.destroy());
    webSocket.on('error', () => backend?.destroy());
    try {
      const opened = await connect();
      backend = opened.socket;
      if (webSocket.readyState === webSocket.CLOSED) return void backend.destroy();
      joinTunnel(webSocket, backend, opened.head);
      webSocket.resume();
    } catch (error) {
      webSocket.close(1011, errorText(error).slice(0, 120));
    }
  });
}

function joinTunnel(webSocket: WebSocket, backend: Duplex, head: Buffer): void {
  const send = (chunk: Buffer) => {
    webSocket.send(chunk, () => backend.resume());
    if (webSocket.bufferedAmount > bufferedBytesMax) backend.pause();
  };
  if (head.length > 0) send(head);
  backend.on('data', send);
  backend.on('drain', () => webSocket.resume());
  backend.on('error', () => webSocket.close(1011));
  backend.on('close', () => webSocket.close(1000));
}
