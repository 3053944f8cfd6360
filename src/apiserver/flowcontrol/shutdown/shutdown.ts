/**
 * Graceful shutdown in upstream's phases: `/readyz` fails at once; the shutdown delay passes, in which load
 * balancers notice; then new requests are rejected, requests under way are answered, and watches end.
 */

import { type Clock, nextTurn, pause } from '#base/clock.ts';
import { ListsOnTheWay } from './lists-on-the-way.ts';
import { OpenWatches } from './open-watches.ts';
import { RequestWaitGroup } from './request-wait-group.ts';

/** As upstream: the request timeout. */
const drainMaxMs = 60_000;

export interface ShutdownOptions {
  readonly delayMs: number;
  /** Requests after the delay get 429 as long as others are under way; else connections are refused at once. */
  readonly sendsRetryAfter: boolean;
  /** 0: all watches end at once. */
  readonly watchGraceMs: number;
}

export const promptShutdown: ShutdownOptions = { delayMs: 0, sendsRetryAfter: false, watchGraceMs: 0 };

export class Shutdown {
  readonly options: ShutdownOptions;
  readonly requests: RequestWaitGroup;
  readonly lists: ListsOnTheWay;
  readonly watches: OpenWatches;
  readonly #clock: Clock;
  #delay: Promise<void> | undefined;
  #isRefusing = false;

  constructor(clock: Clock, options: ShutdownOptions) {
    this.options = options;
    this.#clock = clock;
    this.requests = new RequestWaitGroup(clock);
    this.lists = new ListsOnTheWay(clock);
    this.watches = new OpenWatches(clock);
  }

  get isInitiated(): boolean {
    return this.#delay !== undefined;
  }

  /** New requests are rejected. */
  get isRefusing(): boolean {
    return this.#isRefusing;
  }

  /** Resolves when new requests are rejected. */
  initiate(): Promise<void> {
    this.#delay ??= this.#refuseLater();
    return this.#delay;
  }

  /** Resolves when all requests have been answered and all watches have ended, or after their time limits. */
  async drain(): Promise<void> {
    await Promise.all([this.#answered(), this.watches.end(this.options.watchGraceMs)]);
  }

  async #answered(): Promise<void> {
    await this.requests.idle(drainMaxMs);
    // The stages of a request have ended before its list begins to be sent.
    await nextTurn(this.#clock);
    await this.lists.idle(drainMaxMs);
  }

  async #refuseLater(): Promise<void> {
    const { delayMs } = this.options;
    if (delayMs > 0) await pause(this.#clock, delayMs);
    this.#isRefusing = true;
  }
}
