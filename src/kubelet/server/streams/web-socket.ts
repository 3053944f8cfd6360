/**
 * Joins a remote command's streams with the channels of a WebSocket, and a port-forward's SPDY connection
 * with its messages.
 */

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { errorText } from '#base/text/error-text.ts';
import { closeGently } from '#host/http/splice.ts';
import type { RemoteSession, StreamTarget } from '../../runtime/remote-session.ts';
import { Refusal } from '../refusal.ts';
import {
  type ChannelProtocol,
  commandProtocol,
  decodeMessage,
  encodeMessage,
  endedChannel,
  offeredProtocols,
} from './channels.ts';
import { failedSession, openSession, type StreamOptions } from './remote-command.ts';

const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const;
const tunnelPrefix = 'SPDY/3.1+';
/** Of one session whose caller does not read; then its runtime is not read either. */
const bufferedBytesMax = 64 * 1024;

/** The SPDY protocols that the client tunnels through the messages of a WebSocket. */
export function tunnelledProtocols(request: IncomingMessage): string[] {
  const offered = offeredProtocols(request).filter((protocol) => protocol.startsWith(tunnelPrefix));
  return offered
    .filter((protocol) => protocol.endsWith('.k8s.io'))
    .map((protocol) => protocol.slice(tunnelPrefix.length));
}

function accept(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  protocol: string | undefined,
  use: (webSocket: WebSocket) => void,
): void {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: () => protocol ?? false,
  });
  server.handleUpgrade(request, socket, head, use);
}

/** Accepts the WebSocket, then joins its channels with the command's streams. */
export function bridgeCommand(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  target: StreamTarget,
  options: StreamOptions,
): void {
  const protocol = commandProtocol(request);
  if (!protocol) throw new Refusal(403, '');
  accept(request, socket, head, protocol.name, (webSocket) => {
    void joinCommand(webSocket, protocol, target, options);
  });
}

async function joinCommand(
  webSocket: WebSocket,
  protocol: ChannelProtocol,
  target: StreamTarget,
  options: StreamOptions,
): Promise<void> {
  let session: RemoteSession | undefined;
  let over = false;
  // Nothing is read before the session is open.
  webSocket.pause();
  const send = (channel: number, chunk: Uint8Array) => {
    if (webSocket.readyState !== webSocket.OPEN) return;
    webSocket.send(encodeMessage(protocol, channel, chunk), () => {
      if (webSocket.bufferedAmount < bufferedBytesMax) session?.resume();
    });
    if (webSocket.bufferedAmount > bufferedBytesMax) session?.pause();
  };
  const finish = (status: string) => {
    over = true;
    const text = protocol.sendsStatus ? status : inWords(status);
    if (text !== '') send(channels.error, Buffer.from(text));
    webSocket.close(1000);
    // Data that the caller still sends stands before its close frame: it is read, and dropped.
    webSocket.resume();
  };
  webSocket.on('message', (data: Buffer) => {
    if (!session || over) return;
    const hasRoom = fromCaller(session, protocol, data);
    // The session may have ended with this chunk.
    if (!hasRoom && !over) webSocket.pause();
  });
  webSocket.on('close', () => session?.close());
  webSocket.on('error', () => session?.close());
  send(greeted(options), new Uint8Array());
  try {
    session = await openSession(target, options, {
      onStdout: (chunk) => send(channels.stdout, chunk),
      onStderr: (chunk) => send(channels.stderr, chunk),
      onDrain: () => webSocket.resume(),
      onEnd: finish,
    });
    // The caller left while the runtime was answering: its session is ended here.
    if (webSocket.readyState === webSocket.CLOSED) session.close();
    webSocket.resume();
  } catch (error) {
    finish(failedSession(errorText(error)));
  }
}

/**
 * An empty message shows the client that the channels are open; upstream writes it on the first requested
 * channel.
 */
function greeted(options: StreamOptions): number {
  if (options.stdout) return channels.stdout;
  return options.stderr ? channels.stderr : channels.error;
}

/** False when the pipe is full: the command has not read what was written yet. */
function fromCaller(session: RemoteSession, protocol: ChannelProtocol, data: Buffer): boolean {
  const message = decodeMessage(protocol, data);
  if (!message) return true;
  const { channel, content } = message;
  if (endedChannel(protocol, message) === channels.stdin) session.closeStdin();
  else if (channel === channels.stdin) return content.length === 0 || session.writeStdin(content);
  else if (channel === channels.resize) {
    const size = sizeOf(content);
    if (size) session.resize(size.width, size.height);
  }
  return true;
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

/**
 * Accepts a WebSocket whose messages are the bytes of `backend`, which was upgraded to the SPDY protocol
 * `name`.
 */
export function bridgeTunnel(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  backend: { readonly socket: Socket; readonly head: Buffer },
  name: string,
): void {
  // The handshake may fail, and then there are no events of a WebSocket.
  socket.on('close', () => closeGently(backend.socket));
  accept(request, socket, head, tunnelPrefix + name, (webSocket) => {
    webSocket.on('message', (data: Buffer) => {
      if (backend.socket.writable && !backend.socket.write(data)) webSocket.pause();
    });
    webSocket.on('error', () => webSocket.terminate());
    joinTunnel(webSocket, backend.socket, backend.head);
  });
}

function joinTunnel(webSocket: WebSocket, backend: Socket, head: Buffer): void {
  const send = (chunk: Buffer) => {
    if (webSocket.readyState !== webSocket.OPEN) return;
    webSocket.send(chunk, () => {
      if (webSocket.bufferedAmount < bufferedBytesMax) backend.resume();
    });
    if (webSocket.bufferedAmount > bufferedBytesMax) backend.pause();
  };
  if (head.length > 0) send(head);
  const over = () => {
    webSocket.close(1000);
    webSocket.resume();
  };
  backend.on('data', send);
  backend.on('drain', () => webSocket.resume());
  backend.on('end', over);
  backend.on('close', over);
}
