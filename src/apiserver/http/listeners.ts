/** The listeners of a server: opened while it runs, one for each address, all with the same certificate. */

import type { Clock } from '#base/clock.ts';
import { type HttpLimits, httpLimits } from '#host/http/limits.ts';
import type { TlsFiles } from './certificates/tls-context.ts';
import { type Listener, listen } from './listener.ts';
import type { ListenerSettings } from './server-options.ts';
import type { Answerer } from './take-requests.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

interface ListenersOptions {
  readonly clock: Clock;
  /** Needed to open any. */
  readonly tls: TlsFiles | undefined;
  readonly limits: Partial<HttpLimits> | undefined;
  readonly settings: ListenerSettings | undefined;
}

export class Listeners {
  readonly #options: ListenersOptions;
  readonly #open: Listener[] = [];
  #tls: TlsFiles | undefined;

  constructor(options: ListenersOptions) {
    this.#options = options;
    this.#tls = options.tls;
  }

  async open(address: Address, answerer: Answerer): Promise<{ port: number }> {
    if (!this.#tls) throw new Error('listening needs a certificate');
    const { clock } = this.#options;
    const limits = { ...httpLimits, ...this.#options.limits };
    const listener = await listen(
      { ...address, ...this.#options.settings, clock, limits },
      this.#tls,
      answerer,
    );
    this.#open.push(listener);
    return { port: listener.port };
  }

  /** New connections get this certificate. */
  renew(tls: TlsFiles): void {
    this.#tls = tls;
    for (const listener of this.#open) listener.renew(tls);
  }

  get urls(): string[] {
    return this.#open.map(({ host, port }) => `https://${host.includes(':') ? `[${host}]` : host}:${port}`);
  }

  /** No connections are accepted any more; those open end with what is under way on them. */
  refuse(): void {
    for (const listener of this.#open) listener.refuse();
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map((listener) => listener.close()));
  }
}
