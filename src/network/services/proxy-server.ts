/**
 * The ports of kube-proxy: health at 10256 of the node's address and of loopback, mode at 10249 of loopback.
 * Clusters of one machine share loopback: the first one to listen answers there.
 */

import type { Log } from '#base/log.ts';
import { ownValue } from '#base/own-value.ts';
import { type HttpListener, listenHttp, type PlainAnswer } from '#host/http/http-listener.ts';

export type Answers = Readonly<Record<string, () => PlainAnswer>>;

const healthPort = 10_256;
const statusPort = 10_249;
const loopback = '127.0.0.1';

const plainText = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
const notFound: PlainAnswer = { status: 404, headers: plainText, body: '404 page not found\n' };
const mode: Answers = { '/proxyMode': () => ({ status: 200, headers: plainText, body: 'nftables' }) };

export class ProxyServer {
  readonly #log: Log;
  readonly #listeners: Promise<HttpListener | undefined>[];

  constructor(log: Log, nodeIp: string, health: Answers) {
    this.#log = log;
    this.#listeners = [
      this.#listen(nodeIp, healthPort, health),
      this.#listen(loopback, healthPort, health),
      this.#listen(loopback, statusPort, mode),
    ];
  }

  stop(): void {
    for (const starting of this.#listeners) void starting.then((listener) => listener?.close());
  }

  async #listen(host: string, port: number, answers: Answers): Promise<HttpListener | undefined> {
    try {
      return await listenHttp({ host, port }, (path) => answerAt(answers, path));
    } catch (error) {
      const level = host === loopback ? 'debug' : 'warn';
      this.#log[level]('a port of the service proxy is taken', { host, port, error: String(error) });
      return undefined;
    }
  }
}

function answerAt(answers: Answers, path = ''): PlainAnswer {
  return ownValue(answers, path)?.() ?? notFound;
}
