/**
 * `/metrics`, `/health` and `/ready` of a node's DNS, at one port: the node's other ports are its pods'. Another program may
 * have the port; then it is tried again.
 */

import type { Timer } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { type HttpListener, listenHttp, type PlainAnswer } from '#host/http/http-listener.ts';

interface MetricsServerOptions {
  readonly env: Pick<Env, 'clock' | 'log'>;
  readonly host: string;
  readonly port: number;
  /** The metrics in Prometheus' text format. */
  page(): string;
}

const retryMs = 30_000;
const plainText = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };

export class MetricsServer {
  readonly #options: MetricsServerOptions;
  #listener: HttpListener | undefined;
  #retry: Timer | undefined;
  #isStopped = false;

  constructor(options: MetricsServerOptions) {
    this.#options = options;
    void this.#listen();
  }

  stop(): void {
    this.#isStopped = true;
    this.#retry?.cancel();
    this.#listener?.close();
  }

  async #listen(): Promise<void> {
    const { env, host, port } = this.#options;
    try {
      const listener = await listenHttp({ host, port }, (path) => this.#answer(path));
      if (this.#isStopped) listener.close();
      else this.#listener = listener;
    } catch (error) {
      if (this.#isStopped) return;
      if (!this.#retry) {
        const text = 'the port of metrics of DNS is taken, and is tried again every 30 s';
        env.log.warn(text, { host, port, error: String(error) });
      }
      this.#retry = env.clock.after(retryMs, () => void this.#listen());
    }
  }

  #answer(path: string | undefined): PlainAnswer {
    if (path === '/metrics') return { status: 200, headers: metricsType, body: this.#options.page() };
    if (path === '/health' || path === '/ready') return { status: 200, headers: plainText, body: 'OK' };
    return { status: 404, headers: plainText, body: '404 page not found\n' };
  }
}

const metricsType = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };
