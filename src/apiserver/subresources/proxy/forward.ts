/** Passes a request on: as one HTTP exchange whose body streams back, or by splicing two connections. */

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { serviceUnavailable, unknownError } from '#api/meta/status.ts';
import { errorText } from '#base/text/error-text.ts';
import type { ApiResponse, ByteSink, StreamBody } from '#client/transport/transport.ts';
import { hopHeaderTest } from '#host/http/connection-headers.ts';
import { passOnUpgrade } from '#host/http/upgrade.ts';
import { protocolsWithoutToken } from '../../authn/bearer-token.ts';
import { type Destination, hostHeaderOf, requestUpgradeOf } from '../connections/kubelet-connection.ts';

/** Written again for the backend, or the caller's credentials, which a backend must not see. */
const notForwarded = new Set(['authorization', 'content-length', 'host']);

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const notInValues = /[\u0000-\u0008\u000a-\u001f\u007f]/;

export function forwardedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const isHop = hopHeaderTest(headers);
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !isHop(name) && !staysHere(name) && !name.startsWith(':')),
  );
}

/** The caller's address behind those of the proxies that the request came through. */
export function forwardedFor(
  prior: string | undefined,
  remoteAddress: string | undefined,
): string | undefined {
  const address = remoteAddress?.replace(/^::ffff:(?=\d+\.)/, '');
  return [prior, address].filter(Boolean).join(', ') || undefined;
}

/** Sent explicitly for methods that are not expected to have a body. */
export function framingOf(length: string | undefined): Record<string, string> {
  return length ? { 'content-length': length } : { 'transfer-encoding': 'chunked' };
}

/** The headers that name the user of a request: a front proxy's, and impersonation's. */
function isIdentity(name: string): boolean {
  return name.startsWith('x-remote-') || name.startsWith('impersonate-');
}

/**
 * The backend's answer, its body passed on as it comes. Throws, as when there is none, for one that cannot be
 * passed on.
 */
export function streamedResponse(answer: IncomingMessage): ApiResponse {
  const status = answer.statusCode ?? 0;
  const broken =
    status < 200
      ? `malformed HTTP status code "${String(status).padStart(3, '0')}"`
      : brokenHeader(answer.rawHeaders);
  if (broken !== undefined) {
    answer.destroy();
    throw serviceUnavailable(`error trying to reach service: ${broken}`);
  }
  const headers: Record<string, string> = {};
  const isHop = hopHeaderTest(answer.headers);
  for (const [name, value] of Object.entries(answer.headers)) {
    if (isHop(name) || value === undefined) continue;
    if (!Array.isArray(value)) headers[name] = value;
  }
  if (status === 204) delete headers['content-length'];
  const cookies = answer.headers['set-cookie'];
  return { status, headers, ...(cookies ? { cookies } : {}), body: streamOf(answer) };
}

function brokenHeader(rawHeaders: readonly string[]): string | undefined {
  const at = rawHeaders.findIndex((text) => notInValues.test(text));
  if (at < 0) return undefined;
  const name = at - (at % 2);
  const line = `${rawHeaders[name]}: ${rawHeaders[name + 1]}`;
  return `net/http: HTTP/1.x transport connection broken: malformed MIME header line: ${line}`;
}

export function streamOf(answer: Readable): StreamBody {
  return {
    start(sink: ByteSink) {
      // Cut off already: no event of it comes any more.
      if (answer.destroyed) return sink.fail(answer.errored ?? new Error('unexpected EOF'));
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

const switchingProtocols = 101;

/**
 * Repeats the caller's upgrade request to the backend under another path; once both have agreed to it, bytes
 * pass both ways. Whether it is a WebSocket, SPDY or a tunnel is between the two ends; the backend's refusal
 * reaches the caller. `more`: further header lines for the backend, name and value in turn. Returns the
 * status of the answer.
 */
export async function forwardUpgrade(
  to: Destination,
  path: string,
  request: IncomingMessage,
  socket: Socket,
  head: Uint8Array,
  more: readonly string[] = [],
): Promise<number> {
  const method = request.method ?? 'GET';
  const rawHeaders = [...upgradeHeaders(to, request), ...more];
  const answer = await requestUpgradeOf(to, { method, path, rawHeaders });
  try {
    passOnUpgrade(answer, socket, head);
  } catch (error) {
    throw unknownError(errorText(error));
  }
  return answer.socket ? switchingProtocols : (answer.response.statusCode ?? 0);
}

function upgradeHeaders(to: Destination, request: IncomingMessage): string[] {
  const headers = ['Host', hostHeaderOf(to)];
  const prior = request.headers['x-forwarded-for'];
  const origin = forwardedFor([prior].flat().join(', '), request.socket.remoteAddress);
  if (origin) headers.push('X-Forwarded-For', origin);
  const isHop = hopHeaderTest({});
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i]!;
    const lower = name.toLowerCase();
    const isUpgrade = lower === 'connection' || lower === 'upgrade';
    if (lower === 'x-forwarded-for' || (!isUpgrade && (isHop(lower) || staysHere(lower)))) continue;
    const value = request.rawHeaders[i + 1]!;
    headers.push(name, lower === 'sec-websocket-protocol' ? protocolsWithoutToken(value) : value);
  }
  return headers;
}

/** Not for the backend. */
function staysHere(name: string): boolean {
  return notForwarded.has(name) || isIdentity(name);
}
