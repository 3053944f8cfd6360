/**
 * A real HTTPS server on loopback that plays a webhook: it keeps what it was asked and answers as the test
 * says.
 */

import { once } from 'node:events';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, isIP } from 'node:net';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore, type Pki } from '#pki/pki.ts';

export interface WebhookRequest {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Which connection of this server it came on, from 1. */
  readonly connection: number;
}

/** Returns the JSON to answer with; undefined or a promise where it answers itself. */
export type WebhookReply = (request: WebhookRequest, response: ServerResponse) => unknown;

export interface TestWebhook extends AsyncDisposable {
  /** `https://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  readonly pki: Pki;
  readonly caPem: string;
  /** As a configuration holds it. */
  readonly caBundle: string;
  readonly asked: WebhookRequest[];
  reply: WebhookReply;
}

/** Default names of the certificate: the loopback address. */
export async function startTestWebhook(reply: WebhookReply, names = ['127.0.0.1']): Promise<TestWebhook> {
  const pki = await ensurePki({ ...systemEnv(), store: memoryPkiStore() });
  const { certPem, keyPem } = pki.leaf('webhook', {
    commonName: 'webhook',
    usages: ['serverAuth'],
    dnsNames: names.filter((name) => isIP(name) === 0),
    ipAddresses: names.filter((name) => isIP(name) !== 0),
  });
  const asked: WebhookRequest[] = [];
  let connections = 0;
  const numbers = new WeakMap<object, number>();
  const server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.on('end', () => {
      const { url = '', headers, socket } = request;
      const connection = numbers.get(socket) ?? 0;
      const received = { url, headers, body: Buffer.concat(chunks).toString(), connection };
      asked.push(received);
      const answer = webhook.reply(received, response);
      if (answer === undefined || answer instanceof Promise) return;
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  server.on('secureConnection', (socket) => numbers.set(socket, ++connections));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const webhook: TestWebhook = {
    url: `https://127.0.0.1:${port}`,
    port,
    pki,
    caPem: pki.ca.certPem,
    caBundle: Buffer.from(pki.ca.certPem).toString('base64'),
    asked,
    reply,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return webhook;
}
