/** Probes a container's port: an HTTP request or a TCP connection, with Go's error messages. */

import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createConnection } from 'node:net';
import { textOfBytes } from '#base/text/text-of-bytes.ts';

export interface HttpGetOptions {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly headers: readonly { name: string; value: string }[];
  readonly timeoutMs: number;
}

const bodyBytesMax = 10 * 1024;
/** Including the first request, as in Go's client. */
const requestsMax = 10;
const redirections = [301, 302, 303, 307, 308];

export async function httpGet(
  options: HttpGetOptions,
  redirects = 0,
): Promise<{ status: number; body: string }> {
  const { scheme, port, path } = options;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  const url = `${scheme}://${host}:${port}${path}`;
  const answer = await exchange(options, url);
  const target = redirections.includes(answer.status) ? answer.location : undefined;
  if (!target) return answer;
  const next = new URL(target, url);
  // A redirect to another host is not followed: the response counts as it is.
  if (next.hostname !== options.host) return answer;
  if (redirects + 1 >= requestsMax) {
    throw new Error(`Get "${target}": stopped after ${requestsMax} redirects`);
  }
  const nextPort = Number(next.port) || (next.protocol === 'https:' ? 443 : 80);
  const moved = {
    scheme: next.protocol.slice(0, -1),
    port: nextPort,
    path: `${next.pathname}${next.search}`,
  };
  return httpGet({ ...options, ...moved }, redirects + 1);
}

function exchange(
  options: HttpGetOptions,
  url: string,
): Promise<{ status: number; body: string; location: string | undefined }> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string> = {
      'user-agent': 'kube-probe/1.36',
      accept: '*/*',
      connection: 'close',
    };
    for (const { name, value } of options.headers) headers[name.toLowerCase()] = value;
    const { scheme, host, port, path } = options;
    const settings = { host, port, path, headers, rejectUnauthorized: false, agent: false as const };
    const request = scheme === 'https' ? httpsRequest(settings) : httpRequest(settings);
    const timer = setTimeout(() => {
      const why = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
      request.destroy(new Error(why));
    }, options.timeoutMs);
    const failed = (error: Error) => {
      clearTimeout(timer);
      reject(new Error(`Get "${url}": ${dialText(error, host, port)}`));
    };
    request.on('error', failed);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        if (length < bodyBytesMax) chunks.push(chunk);
        length += chunk.length;
      });
      response.on('end', () => {
        clearTimeout(timer);
        const body = textOfBytes(Buffer.concat(chunks).subarray(0, bodyBytesMax));
        resolve({ status: response.statusCode ?? 0, body, location: response.headers.location });
      });
      response.on('error', failed);
    });
    request.end();
  });
}

export function tcpConnect(host: string, port: number, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port });
    const timer = setTimeout(() => socket.destroy(new Error('i/o timeout')), timeoutMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.destroy();
      resolve();
    });
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(new Error(dialText(error, host, port)));
    });
  });
}

const systemCalls: Record<string, string> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'connect: connection timed out',
};

function dialText(error: Error, host: string, port: number): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ECONNRESET') return 'EOF';
  const call = systemCalls[code] ?? (error.message === 'i/o timeout' ? 'i/o timeout' : undefined);
  return call ? `dial tcp ${host}:${port}: ${call}` : error.message;
}
