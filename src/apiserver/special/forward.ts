/** Passes a request on: as one HTTP exchange whose body streams back, or by splicing two connections. */

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { unknownError } from '#api/status.ts';
import { errorText } from '#base/error-text.ts';
import type { ApiResponse, ByteSink, StreamBody } from '#client/transport.ts';
import { passOnUpgrade } from '#host/upgrade.ts';
import { type Destination, hostAndPort, requestUpgradeOf } from './connect/kubelet-connection.ts';

/** Headers that belong to one connection, and the caller's credentials, which are not the backend's business. */
const notForwarded = new Set([
  'authorization',
  'connection',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
]);

export function forwardedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => !notForwarded.has(name) && !name.startsWith(':') && !isIdentity(name),
    ),
  );
}

/** The headers by which a front proxy or an impersonator says who asks. */
function isIdentity(name: string): boolean {
  return name.startsWith('x-remote-') || name.startsWith('impersonate-');
}

/** The backend's answer, its body passed on as it comes. */
export function streamedResponse(answer: IncomingMessage): ApiResponse {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (notForwarded.has(name) || value === undefined) continue;
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return { status: answer.statusCode ?? 502, headers, body: streamOf(answer) };
}

export function streamOf(answer: Readable): StreamBody {
  return {
    start(sink: ByteSink) {
      sink.onClose(() => answer.destroy());
      sink.onDrain(() => answer.resume());
      answer.on('data', (chunk: Uint8Array) => {
        if (!sink.write(chunk)) answer.pause();
      });
      answer.on('end', () => sink.end());
      answer.on('error', (error) => sink.fail(error));
    },
  };
}

export async function readAll(answer: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer) {
    length += (chunk as Uint8Array).length;
    if (length > maxBytes) break;
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString();
}

/**
 * Repeats the caller's upgrade request to the backend under another path; once both have agreed to it, bytes pass both
 * ways. Whether it is a WebSocket, SPDY or a tunnel is between the two ends; the backend's refusal reaches the caller.
 */
export async function forwardUpgrade(
  to: Destination,
  path: string,
  request: IncomingMessage,
  socket: Socket,
  head: Uint8Array,
): Promise<void> {
  const method = request.method ?? 'GET';
  const answer = await requestUpgradeOf(to, { method, path, rawHeaders: upgradeHeaders(to, request) });
  try {
    passOnUpgrade(answer, socket, head);
  } catch (error) {
    throw unknownError(errorText(error));
  }
}

function upgradeHeaders(to: Destination, request: IncomingMessage): string[] {
  const headers = ['Host', hostAndPort(to)];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i]!;
    const lower = name.toLowerCase();
    const isUpgrade = lower === 'connection' || lower === 'upgrade';
    if (!isUpgrade && (notForwarded.has(lower) || isIdentity(lower))) continue;
    headers.push(name, withoutToken(lower, request.rawHeaders[i + 1]!));
  }
  return headers;
}

/** A bearer token among the WebSocket subprotocols stays here. */
function withoutToken(name: string, value: string): string {
  if (name !== 'sec-websocket-protocol') return value;
  const protocols = value.split(',').map((one) => one.trim());
  return protocols.filter((one) => !one.startsWith('base64url.bearer.authorization.k8s.io.')).join(', ');
}
