/** Requests a protocol upgrade on a new connection, and returns the connection or the server's refusal. */

import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { hopHeaderTest } from './connection-headers.ts';
import { rawHead } from './raw-answer.ts';
import { closeGently, readToTheEnd, splice } from './splice.ts';

export interface Upgraded {
  readonly response: IncomingMessage;
  readonly socket: Socket;
  /** Bytes that came right behind the response's head. */
  readonly head: Buffer;
}

/** A response other than 101: status and headers are read, the body is not. */
export interface Refused {
  readonly response: IncomingMessage;
  readonly socket?: undefined;
}

const answerTimeoutMs = 60_000;

/** `secure`: over TLS. Rejects without a valid response. */
export function requestUpgrade(options: RequestOptions, secure: boolean): Promise<Upgraded | Refused> {
  return new Promise((resolve, reject) => {
    const send = secure ? httpsRequest : httpRequest;
    const request = send({ ...options, agent: false });
    const timer = setTimeout(() => request.destroy(new Error('i/o timeout')), answerTimeoutMs);
    request.on('upgrade', (response, socket, head) => {
      clearTimeout(timer);
      resolve({ response, socket: socket as Socket, head });
    });
    request.on('response', (response) => {
      clearTimeout(timer);
      response.on('error', () => response.destroy());
      resolve({ response });
    });
    // A 101 without the headers that name the new protocol.
    request.on('information', ({ statusCode }) => {
      if (statusCode === 101) request.destroy(new Error('invalid upgrade response: status code 101'));
    });
    request.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    request.on('close', () => {
      clearTimeout(timer);
      reject(new Error('EOF'));
    });
    request.end();
  });
}

/** As `requestUpgrade`, for a server that closes with unread input: what it sent before still arrives. */
export async function askRuntime(
  url: string,
  method: string,
  headers: Record<string, string | string[]>,
): Promise<Upgraded | Refused> {
  const { hostname, port, pathname, search } = new URL(url);
  const options = { method, host: hostname, port, path: pathname + search, headers };
  const answer = await requestUpgrade(options, false);
  if (answer.socket) readToTheEnd(answer.socket);
  return answer;
}

/** As `askRuntime`; rejects with the server's message when it refuses. */
export async function openUpgraded(
  url: string,
  headers: Record<string, string | string[]>,
): Promise<Upgraded> {
  const answer = await askRuntime(url, 'POST', headers);
  if (answer.socket) return answer;
  throw new Error((await textOf(answer.response)) || statusText(answer.response));
}

function statusText({ statusCode }: IncomingMessage): string {
  return `invalid upgrade response: status code ${statusCode}`;
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const refusalTimeoutMs = 10_000;

/**
 * Passes the server's response to the caller: after a 101 the connection itself, a refusal unchanged. Throws,
 * and has sent nothing, for any other response: bytes pass both ways only between two ends that agreed to it.
 */
export function passOnUpgrade(
  answer: Upgraded | Refused,
  caller: Socket,
  head: Uint8Array,
  join: typeof splice = splice,
): void {
  const { response } = answer;
  if (answer.socket) {
    caller.write(headOf(response, response.rawHeaders), 'latin1');
    join(caller, answer.socket, { near: head, far: answer.head });
    return;
  }
  if ((response.statusCode ?? 0) < 400) {
    response.destroy();
    throw new Error(statusText(response));
  }
  caller.on('close', () => response.destroy());
  response.setTimeout(refusalTimeoutMs, () => response.destroy());
  response.on('close', () => closeGently(caller));
  const isHop = hopHeaderTest(response.headers);
  const kept = response.rawHeaders.filter((_, i, all) => !isHop((all[i - (i % 2)] ?? '').toLowerCase()));
  caller.write(headOf(response, [...kept, 'Connection', 'close']), 'latin1');
  response.pipe(caller, { end: false });
}

function headOf({ statusCode = 0, statusMessage = '' }: IncomingMessage, lines: readonly string[]): string {
  return rawHead(statusCode, statusMessage, lines);
}
