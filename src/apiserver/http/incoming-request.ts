/** A request from the network as the chain sees it. What few requests ask for is made when it is asked for. */

import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { ApiRequest } from '#client/transport.ts';

export class IncomingRequest implements ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly #response: Http2ServerResponse | undefined;
  #controller: AbortController | undefined;

  /** `response` is absent for a connection that is taken over. */
  constructor(
    message: IncomingMessage | Http2ServerRequest,
    response?: Http2ServerResponse,
    body?: Uint8Array,
  ) {
    this.method = message.method ?? 'GET';
    this.path = message.url ?? '/';
    this.headers = headersOf(message);
    if (body) this.body = body;
    this.#response = response;
  }

  get signal(): AbortSignal {
    if (this.#controller) return this.#controller.signal;
    const controller = new AbortController();
    this.#controller = controller;
    if (this.#response && isGone(this.#response)) controller.abort();
    else this.#response?.on('close', () => controller.abort());
    return controller.signal;
  }
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
    if (value !== undefined && name[0] !== ':')
      headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
