/**
 * A request from the network as the chain sees it. What few requests ask for is made when it is asked for.
 */

import type { IncomingMessage } from 'node:http';
import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { Readable } from 'node:stream';
import type { Clock } from '#base/clock.ts';
import type { ApiRequest } from '#client/transport/transport.ts';
import { discardBody, readBody } from './body.ts';

/** Node's reason of an abort. Made once: Node would make one with a stack for each request. */
const aborted = new DOMException('This operation was aborted', 'AbortError');

export class IncomingRequest implements ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  body?: Uint8Array;
  readonly #message: IncomingMessage | Http2ServerRequest;
  readonly #response: Http2ServerResponse | undefined;
  #controller: AbortController | undefined;
  #stopReading: (() => void) | undefined;
  #isPassedOn = false;

  /** `response` is absent for a connection that is taken over. */
  constructor(message: IncomingMessage | Http2ServerRequest, response?: Http2ServerResponse) {
    this.#message = message;
    this.method = message.method ?? 'GET';
    this.path = message.url ?? '/';
    this.headers = headersOf(message);
    this.#response = response;
  }

  linesOf(name: string): readonly string[] {
    const { rawHeaders } = this.#message;
    return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);
  }

  /** Reads the body. Until then most of it is still with the caller, who may not even be asked for it. */
  receive(): Promise<undefined> | undefined {
    if (!this.#response || this.method === 'GET' || this.method === 'HEAD') return undefined;
    if (this.headers['expect'] !== undefined) this.#response.writeContinue();
    return readBody(this.#message, (stop) => {
      this.#stopReading = stop;
    }).then((bytes) => {
      this.body = bytes;
      return undefined;
    });
  }

  /** The body as it comes, for who passes it on. */
  incomingBody(): Readable | undefined {
    const response = this.#response;
    if (!response || !hasBody(this.#message)) return undefined;
    if (this.headers['expect'] !== undefined) response.writeContinue();
    this.#isPassedOn = true;
    return this.#message;
  }

  /** The request has been answered: what has not come of its body is not waited for any more. */
  dropBody(clock: Clock): void {
    const message = this.#message;
    if (message.complete) return;
    if (this.#isPassedOn) {
      // The answer may come while its question is still being asked.
      this.#isPassedOn = false;
      this.#response?.once('close', () => this.dropBody(clock));
      return;
    }
    this.#stopReading?.();
    if (message.httpVersionMajor === 1) discardBody(message as IncomingMessage, clock);
    // A stream of which nothing was read is reset without this.
    else if (this.#stopReading) this.#resetWhenAnswered();
  }

  #resetWhenAnswered(): void {
    const stream = this.#response?.stream;
    stream?.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR));
  }

  get signal(): AbortSignal {
    if (this.#controller) return this.#controller.signal;
    const controller = new AbortController();
    this.#controller = controller;
    if (this.#response && isGone(this.#response)) controller.abort(aborted);
    else this.#response?.on('close', () => controller.abort(aborted));
    return controller.signal;
  }
}

function hasBody(message: IncomingMessage | Http2ServerRequest): boolean {
  if ('stream' in message) return !message.stream.endAfterHeaders;
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = message.headers;
  return length !== '0' || encoding !== undefined;
}

/** The client is gone, or has its whole answer. */
export function isGone(response: Http2ServerResponse): boolean {
  // With HTTP/1.1 there is no stream: the response itself ends.
  return (response.stream ?? response).destroyed;
}

function headersOf(message: IncomingMessage | Http2ServerRequest): Readonly<Record<string, string>> {
  // HTTP/1.1 has no pseudo headers, and joins all that come twice but this one.
  const areTexts = message.httpVersionMajor === 1 && message.headers['set-cookie'] === undefined;
  if (areTexts) return message.headers as Readonly<Record<string, string>>;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined && name[0] !== ':') {
      headers[name] = Array.isArray(value) ? value.join(', ') : value;
    }
  }
  const authority = message.headers[':authority'];
  // What HTTP/1.1 has in `Host`.
  if (authority !== undefined) headers['host'] ??= authority as string;
  return headers;
}
