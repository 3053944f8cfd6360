/**
 * Removes what pods have left, several at once, each by itself. A removal that takes long, since a volume's driver hangs
 * for minutes, gives up its place and is not waited for; until it ends it is not begun a second time.
 */

import { sleep } from '#base/clock.ts';
import type { Env } from '#base/env.ts';

/** A pod whose containers end when they are asked is removed in less. */
const longMs = 5_000;

export class Removals {
  readonly #env: Env;
  readonly #underWay = new Set<string>();

  constructor(env: Env) {
    this.#env = env;
  }

  /** Resolves when every pod is removed, has failed, or takes long. A failure is logged. */
  async run(
    podUids: Iterable<string>,
    atOnce: number,
    remove: (podUid: string) => Promise<void>,
  ): Promise<void> {
    const waiting = [...podUids].filter((uid) => !this.#underWay.has(uid)).values();
    const next = async () => {
      for (const uid of waiting) await this.#start(uid, remove);
    };
    await Promise.all(Array.from({ length: atOnce }, next));
  }

  async #start(uid: string, remove: (podUid: string) => Promise<void>): Promise<void> {
    const { clock, log } = this.#env;
    this.#underWay.add(uid);
    const ended = new AbortController();
    const removal = remove(uid)
      .catch((error: unknown) => {
        log.warn('a pod that is gone could not be removed', { uid, error: String(error) });
      })
      .finally(() => {
        this.#underWay.delete(uid);
        ended.abort();
      });
    await Promise.race([removal, sleep(clock, longMs, ended.signal).catch(() => undefined)]);
  }
}
