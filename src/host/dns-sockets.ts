/** A DNS listener on UDP and TCP, and a DNS question asked of another server. Bytes in, bytes out. */

import { createSocket, type Socket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';

export type DnsHandler = (query: Buffer, transport: 'udp' | 'tcp') => Promise<Buffer | undefined>;

export interface DnsListener {
  readonly port: number;
  close(): Promise<void>;
}

const tcpIdleMs = 10_000;

/** Listens at the same port number on UDP and TCP. Port 0 takes a free one. */
export async function listenDns(host: string, port: number, handler: DnsHandler): Promise<DnsListener> {
  const server = createServer((socket) => {
    let rest = Buffer.alloc(0);
    socket.setTimeout(tcpIdleMs, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
        const length = rest.readUInt16BE(0);
        const query = rest.subarray(2, 2 + length);
        rest = rest.subarray(2 + length);
        handler(query, 'tcp').then((answer) => {
          if (!answer || socket.destroyed) return;
          const head = Buffer.alloc(2);
          head.writeUInt16BE(answer.length);
          socket.write(Buffer.concat([head, answer]));
        });
      }
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  const udp = createSocket('udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      udp.once('error', reject);
      udp.bind(bound, host, resolve);
    });
  } catch (error) {
    server.close();
    throw error;
  }
  udp.on('error', () => undefined);
  udp.on('message', (query, from) => {
    handler(query, 'udp').then((answer) => answer && udp.send(answer, from.port, from.address));
  });
  return { port: bound, close: () => closeBoth(server, udp) };
}

async function closeBoth(server: Server, udp: Socket): Promise<void> {
  udp.close();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

/** One question over UDP; rejects when no answer comes in time. */
export function askDns(server: string, query: Buffer, timeoutMs: number, port = 53): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const timer = setTimeout(() => finish(new Error(`no answer from ${server}`)), timeoutMs);
    const finish = (error: Error | undefined, answer?: Buffer) => {
      clearTimeout(timer);
      socket.close();
      if (answer) resolve(answer);
      else reject(error);
    };
    socket.once('error', (error) => finish(error));
    socket.on('message', (answer) => {
      if (answer.readUInt16BE(0) === query.readUInt16BE(0)) finish(undefined, answer);
    });
    socket.send(query, port, server);
  });
}

/** The name servers of `/etc/resolv.conf`, IPv4 only. */
export async function machineNameServers(): Promise<string[]> {
  const text = await readFile('/etc/resolv.conf', 'utf8').catch(() => '');
  return [...text.matchAll(/^\s*nameserver\s+(\d+\.\d+\.\d+\.\d+)\s*$/gm)].map((match) => match[1] ?? '');
}
