/**
 * A certificate that is renewed while its process runs: kept in a file, asked for at the API when it is missing or has
 * reached its time, tried again for as long as the API is away or does not sign.
 */

import { BackOff } from '#base/back-off.ts';
import type { Timer } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import type { KeyPair } from '#pki/certificate.ts';
import { validityOf, writePair } from './certificate-file.ts';
import { rotationMs } from './rotation-time.ts';

export interface RotatedOptions {
  readonly env: Env;
  readonly path: string;
  readonly request: () => Promise<KeyPair>;
  /** Used until the first is signed. */
  readonly before: KeyPair;
  /** `before` is no certificate of the cluster's. */
  readonly isFirst: boolean;
}

/** As upstream between attempts: from two seconds on; and every 32 in the long run. */
const backOff = { initialMs: 2000, maxMs: 32_000, jitter: 0.1, resetAfterMs: 5 * 60_000 };
/** Longer timers are not exact, and a machine that slept must notice. */
const lookMs = 3600_000;

export class RotatedCertificate {
  readonly #options: RotatedOptions;
  readonly #backOff: BackOff;
  readonly #users: ((pair: KeyPair) => void)[] = [];
  #current: KeyPair;
  #dueMs: number;
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(options: RotatedOptions) {
    const { env, before, isFirst } = options;
    this.#options = options;
    this.#backOff = new BackOff(env, backOff);
    this.#current = before;
    this.#dueMs = isFirst ? 0 : rotationMs(validityOf(before), env.random);
  }

  get current(): KeyPair {
    return this.#current;
  }

  onRenewed(use: (pair: KeyPair) => void): void {
    this.#users.push(use);
  }

  start(): void {
    this.#wait(0);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #wait(atLeastMs: number): void {
    if (this.#isStopped) return;
    const { clock } = this.#options.env;
    const waitMs = Math.min(Math.max(atLeastMs, this.#dueMs - clock.now()), lookMs);
    this.#timer = clock.after(waitMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { env } = this.#options;
    if (env.clock.now() < this.#dueMs) return this.#wait(0);
    try {
      await this.#renew();
      this.#wait(0);
    } catch (error) {
      env.log.warn('the certificate could not be renewed', {
        file: this.#options.path,
        error: errorText(error),
      });
      this.#wait(this.#backOff.nextMs());
    }
  }

  async #renew(): Promise<void> {
    const { env, path, request } = this.#options;
    const pair = await request();
    if (this.#isStopped) return;
    await writePair(path, pair);
    this.#current = pair;
    this.#dueMs = rotationMs(validityOf(pair), env.random);
    env.log.info('certificate renewed', { file: path });
    for (const use of this.#users) use(pair);
  }
}
