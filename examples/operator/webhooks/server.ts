/** The HTTPS server that the API server asks: one handler a path, JSON in and out. */

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { ServingCertificate } from './certificate.ts';

/** Takes the body of a request and resolves to that of the answer. */
export type Handler = (body: unknown) => object | Promise<object>;

export interface WebhookServer {
  readonly port: number;
  stop(): Promise<void>;
}

export interface WebhookServerOptions {
  readonly certificate: ServingCertificate;
  /** Undefined: every address of the machine. */
  readonly host: string | undefined;
  /** 0 takes a free one. */
  readonly port: number;
  readonly handlers: Readonly<Record<string, Handler>>;
}

export async function startWebhookServer(options: WebhookServerOptions): Promise<WebhookServer> {
  const { certificate, host, port, handlers } = options;
  const server = createServer({ cert: certificate.cert, key: certificate.key }, (request, response) => {
    // The API server adds its time-out as a query.
    const handler = handlers[request.url?.split('?')[0] ?? ''];
    void answer(handler, request, response);
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function answer(handler: Handler | undefined, request: IncomingMessage, response: ServerResponse) {
  if (!handler) return response.writeHead(404).end();
  try {
    const body = request.method === 'POST' ? await json(request) : undefined;
    const text = JSON.stringify(await handler(body));
    response.writeHead(200, { 'content-type': 'application/json' }).end(text);
  } catch (error) {
    response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
  }
}
