/** A DNS listener on UDP and TCP, and DNS queries to other servers. Bytes in, bytes out. */

import { createSocket, type Socket } from 'node:dgram';
import { createConnection, createServer, isIP, type Server, type Socket as TcpSocket } from 'node:net';
import { Connections } from '../http/connections.ts';

/** Undefined: no response. */
type Response = Buffer | undefined;

/** Answers at once or later; a query that it throws for gets no response. */
export type DnsHandler = (query: Buffer, transport: 'udp' | 'tcp') => Response | Promise<Response>;

export interface DnsListener {
  readonly port: number;
  close(): Promise<void>;
}

const tcpIdleMs = 10_000;
const callersMax = 1000;
const callersPerPeerMax = 100;
/** Queries of one TCP connection: at the limit it is not read until some responses have been sent. */
const questionsWaitingMax = 100;
const answersWaitingBytesMax = 256 * 1024;
const freePortTriesMax = 20;

/** Listens at the same port number on UDP and TCP. Port 0 chooses one that is free on both. */
export async function listenDns(host: string, port: number, handler: DnsHandler): Promise<DnsListener> {
  const connections = new Connections({ connectionsPerPeerMax: callersPerPeerMax });
  const { server, udp, bound } = await bindBoth(host, port, (socket) => {
    connections.count(socket);
    if (socket.destroyed || connections.isTooMany(socket)) return void socket.destroy();
    connections.add(socket);
    answerOverTcp(socket, handler);
  });
  let isClosed = false;
  udp.on('message', (query, from) => {
    answerTo(handler, query, 'udp', (answer) => {
      if (answer && !isClosed) udp.send(answer, from.port, from.address);
    });
  });
  return {
    port: bound,
    close() {
      isClosed = true;
      return closeAll(server, udp, connections);
    },
  };
}

interface BoundPair {
  readonly server: Server;
  readonly udp: Socket;
  readonly bound: number;
}

/**
 * A port that the kernel finds free on TCP may be taken on UDP; then another is tried, unless the caller
 * named it.
 */
async function bindBoth(host: string, port: number, serve: (socket: TcpSocket) => void): Promise<BoundPair> {
  for (let tries = 1; ; tries++) {
    const server = createServer(serve);
    server.maxConnections = callersMax;
    await bindTcp(server, port, host);
    const address = server.address();
    const bound = typeof address === 'object' && address ? address.port : port;
    try {
      return { server, bound, udp: await bindUdp(bound, host) };
    } catch (error) {
      await new Promise((resolve) => server.close(resolve));
      const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (port !== 0 || !isTaken || tries === freePortTriesMax) throw error;
    }
  }
}

function bindTcp(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}

const receiveBufferBytes = 1024 * 1024;

/** Clients are addresses: looking one up as a name costs a turn of the event loop. */
const addressItself = (
  address: string,
  _options: unknown,
  found: (error: null, address: string, family: number) => void,
) => found(null, address, isIP(address));

function bindUdp(port: number, host: string): Promise<Socket> {
  const udp = createSocket({
    type: isIP(host) === 6 ? 'udp6' : 'udp4',
    lookup: addressItself as never,
    recvBufferSize: receiveBufferBytes,
  });
  return new Promise((resolve, reject) => {
    udp.once('error', (error) => {
      udp.close();
      reject(error);
    });
    udp.bind(port, host, () => {
      udp.removeAllListeners('error').on('error', () => undefined);
      resolve(udp);
    });
  });
}

/**
 * Without a promise when the handler answers at once. If it fails there is no response: the client asks again, as when
 * a datagram is lost.
 */
function answerTo(
  handler: DnsHandler,
  query: Buffer,
  transport: 'udp' | 'tcp',
  send: (answer: Response) => void,
): void {
  try {
    const answer = handler(query, transport);
    if (answer instanceof Promise) answer.then(send, () => send(undefined));
    else send(answer);
  } catch {
    send(undefined);
  }
}

function answerOverTcp(socket: TcpSocket, handler: DnsHandler): void {
  let rest = Buffer.alloc(0);
  let waiting = 0;
  const pace = () => {
    const isBehind = waiting >= questionsWaitingMax || socket.writableLength >= answersWaitingBytesMax;
    if (isBehind) socket.pause();
    else socket.resume();
  };
  socket.on('drain', pace);
  // Only whole queries and answers that are taken count: one that comes byte by byte does not keep a connection.
  const idle = setTimeout(() => socket.destroy(), tcpIdleMs);
  idle.unref();
  socket.on('close', () => clearTimeout(idle));
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const length = rest.readUInt16BE(0);
      const query = rest.subarray(2, 2 + length);
      rest = rest.subarray(2 + length);
      waiting++;
      answerTo(handler, query, 'tcp', (answer) => {
        waiting--;
        if (socket.destroyed) return;
        if (answer) socket.write(framed(answer), () => idle.refresh());
        pace();
      });
    }
    pace();
  });
}

/** An open connection of a client does not keep the listener open. */
async function closeAll(server: Server, udp: Socket, connections: Connections): Promise<void> {
  udp.close();
  connections.destroyAll();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

/** Sends one query, by default over UDP; rejects without a response in time. */
export function askDns(
  server: string,
  query: Buffer,
  timeoutMs: number,
  port = 53,
  transport: 'udp' | 'tcp' = 'udp',
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const finish = (error: Error | undefined, answer?: Buffer) => {
      clearTimeout(timer);
      close();
      if (answer) resolve(answer);
      else reject(error);
    };
    const timer = setTimeout(() => finish(new Error(`no answer from ${server}`)), timeoutMs);
    const close = (transport === 'tcp' ? overTcp : overUdp)(server, port, query, finish);
  });
}

type Finish = (error: Error | undefined, answer?: Buffer) => void;

/** Only the queried server can answer: the socket is connected to it. */
function overUdp(server: string, port: number, query: Buffer, finish: Finish): () => void {
  const socket = createSocket(server.includes(':') ? 'udp6' : 'udp4');
  socket.once('error', (error) => finish(error));
  socket.on('message', (answer) => {
    if (answers(query, answer)) finish(undefined, answer);
  });
  // Without a route to the server the callback gets the error, and there is no event.
  const connected = (error?: Error) => (error ? finish(error) : socket.send(query));
  socket.connect(port, server, connected);
  return () => socket.close();
}

function overTcp(server: string, port: number, query: Buffer, finish: Finish): () => void {
  const socket = createConnection({ host: server, port });
  let received = Buffer.alloc(0);
  socket.on('connect', () => socket.write(framed(query)));
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    const end = received.length < 2 ? Number.POSITIVE_INFINITY : 2 + received.readUInt16BE(0);
    if (received.length < end) return;
    const answer = received.subarray(2, end);
    finish(answers(query, answer) ? undefined : new Error(`a wrong answer from ${server}`), answer);
  });
  socket.on('error', (error) => finish(error));
  socket.on('end', () => finish(new Error(`${server} closed the connection`)));
  return () => socket.destroy();
}

function answers(query: Buffer, answer: Buffer): boolean {
  return answer.length >= 12 && answer.readUInt16BE(0) === query.readUInt16BE(0);
}

/** Over TCP each message is preceded by its length. */
function framed(message: Buffer): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(message.length);
  return Buffer.concat([head, message]);
}
