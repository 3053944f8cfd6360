/**
 * The ports of kube-proxy: health at 10256 of the node's address and of loopback, mode at 10249 of loopback.
 * Clusters of one machine share loopback: the first cluster to listen answers there, and another cluster after its end.
 */

import type { Timer } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { ownValue } from '#base/own-value.ts';
import { type HttpListener, type Listening, listenHttp, type PlainAnswer } from '#host/http/http-listener.ts';

export type Answers = Readonly<Record<string, () => PlainAnswer>>;

const healthPort = 10_256;
const statusPort = 10_249;
const loopback = '127.0.0.1';
/** As upstream. */
const retryMs = 5000;

const plainText = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
const notFound: PlainAnswer = { status: 404, headers: plainText, body: '404 page not found\n' };
const mode: Answers = { '/proxyMode': () => ({ status: 200, headers: plainText, body: 'nftables' }) };

export interface ProxyServerOptions {
  readonly env: Pick<Env, 'clock' | 'log'>;
  readonly nodeIp: string;
  readonly health: Answers;
}

export class ProxyServer {
  readonly #ports: readonly ProxyPort[];

  constructor({ env, nodeIp, health }: ProxyServerOptions) {
    this.#ports = [
      new ProxyPort(env, { host: nodeIp, port: healthPort }, health),
      new ProxyPort(env, { host: loopback, port: healthPort }, health),
      new ProxyPort(env, { host: loopback, port: statusPort }, mode),
    ];
  }

  stop(): void {
    for (const port of this.#ports) port.stop();
  }
}

type Address = Required<Listening>;

/** Listens as soon as the port is free: the cluster that has it may end. */
export class ProxyPort {
  readonly #env: Pick<Env, 'clock' | 'log'>;
  readonly #address: Address;
  readonly #answers: Answers;
  #listener: HttpListener | undefined;
  #retry: Timer | undefined;
  #isStopped = false;

  constructor(env: Pick<Env, 'clock' | 'log'>, address: Address, answers: Answers) {
    this.#env = env;
    this.#address = address;
    this.#answers = answers;
    void this.#listen();
  }

  stop(): void {
    this.#isStopped = true;
    this.#retry?.cancel();
    this.#listener?.close();
  }

  async #listen(): Promise<void> {
    try {
      const listener = await listenHttp(this.#address, (path) => answerAt(this.#answers, path));
      if (this.#isStopped) return listener.close();
      this.#listener = listener;
      if (this.#retry) this.#env.log.info('the service proxy answers at its port now', { ...this.#address });
    } catch (error) {
      if (!this.#isStopped) this.#tryAgain(error);
    }
  }

  #tryAgain(error: unknown): void {
    if (!this.#retry) {
      this.#env.log.warn(takenText(this.#address), { ...this.#address, error: String(error) });
    }
    this.#retry = this.#env.clock.after(retryMs, () => void this.#listen());
  }
}

function takenText({ host }: Address): string {
  const text = 'a port of the service proxy is taken, and is tried again every 5 s';
  return host === loopback ? `${text}: another cluster of this machine may answer there` : text;
}

function answerAt(answers: Answers, path = ''): PlainAnswer {
  return ownValue(answers, path)?.() ?? notFound;
}
