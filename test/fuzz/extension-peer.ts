/**
 * An HTTPS server that cases register as a webhook: what it answers to a path is the case's choice. Most answers are
 * none that a webhook should give.
 */

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Pki } from '#pki/pki.ts';
import type { Fields } from './bodies.ts';

/** How an answer is sent. */
export type Manner = 'whole' | 'cut' | 'slow' | 'error' | 'redirect' | 'long';

export interface PeerAnswer {
  readonly manner: Manner;
  /** JSON, or what should have been. */
  readonly text: string;
}

type AnswerTo = (request: Fields) => PeerAnswer;

const slowMs = 20;
const longBytes = 4 * 2 ** 20;

export class ExtensionPeer {
  readonly #server: Server;
  readonly #answers = new Map<string, AnswerTo>();
  readonly #caPem: string;

  static async start({ server, ca }: Pki): Promise<ExtensionPeer> {
    const peer = new ExtensionPeer(server, ca.certPem);
    peer.#server.listen(0, '127.0.0.1');
    await once(peer.#server, 'listening');
    return peer;
  }

  private constructor({ certPem: cert, keyPem: key }: Pki['server'], caPem: string) {
    this.#caPem = caPem;
    this.#server = createServer({ cert, key }, (request, response) => {
      request.on('error', () => {});
      void this.#answer(request, response).catch(() => response.destroy());
    });
  }

  /** The `clientConfig` of a webhook whose requests are answered by `answer` until it is forgotten. */
  clientConfig(name: string, answer: AnswerTo): Fields {
    this.#answers.set(`/${name}`, answer);
    const { port } = this.#server.address() as AddressInfo;
    return {
      url: `https://127.0.0.1:${port}/${name}`,
      caBundle: Buffer.from(this.#caPem).toString('base64'),
    };
  }

  forget(name: string): void {
    this.#answers.delete(`/${name}`);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    const answer = this.#answers.get(request.url!.split('?')[0]!);
    if (!answer) return void response.writeHead(404).end();
    const { manner, text } = answer(JSON.parse(body) as Fields);
    const headers = { 'content-type': 'application/json' };
    switch (manner) {
      case 'cut':
        response.writeHead(200, { ...headers, 'content-length': text.length + 10 });
        response.write(text);
        return void setImmediate(() => response.destroy());
      case 'slow':
        await new Promise((resolve) => setTimeout(resolve, slowMs));
        break;
      case 'error':
        return void response.writeHead(500, headers).end(text);
      case 'redirect':
        return void response.writeHead(302, { location: request.url }).end();
      case 'long':
        return void response.writeHead(200, headers).end(`"${'x'.repeat(longBytes)}"`);
    }
    response.writeHead(200, headers).end(text);
  }
}
