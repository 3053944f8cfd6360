/** The last failed pull of each pod and image, and when the next is due: upstream's back-off. */

import { BackOffs } from '#base/back-off.ts';
import type { Env } from '#base/env.ts';
import type { NodePod } from '../pod/pod.ts';
import { restartLimits } from '../pod/retries.ts';

interface FailedPull {
  readonly atMs: number;
  readonly message: string;
}

/**
 * After the first failed pull upstream looks again within a second, since it has just noticed the pod's new
 * sandbox, and records the back-off. Every other time it looks again after 10 to 15 s, whenever the back-off
 * is over.
 */
const firstLookMs = 1000;
const lookMs = 10_000;
const lookJitter = 0.5;

export class FailedPulls {
  readonly #env: Env;
  readonly #backOff: BackOffs;
  /** By the key of pod and image. */
  readonly #failed = new Map<string, FailedPull>();

  constructor(env: Env) {
    this.#env = env;
    this.#backOff = new BackOffs(() => env.clock.now(), restartLimits);
  }

  /** The failed pull after which it is too early for another, and when to look again; undefined when a pull is due. */
  backingOff(
    pod: NodePod,
    image: string,
  ): { readonly message: string; readonly retryInMs: number } | undefined {
    const key = keyOf(pod, image);
    const failed = this.#failed.get(key);
    if (!failed || this.#backOff.remainingMs(key, failed.atMs) <= 0) return undefined;
    return { message: failed.message, retryInMs: this.#nextLookMs() };
  }

  /** Returns the milliseconds after which to look again. */
  add(pod: NodePod, image: string, message: string): number {
    const key = keyOf(pod, image);
    const atMs = this.#env.clock.now();
    const retryInMs = this.#failed.has(key) ? this.#nextLookMs() : firstLookMs;
    this.#backOff.next(key, atMs);
    this.#failed.set(key, { atMs, message });
    return retryInMs;
  }

  forget({ metadata }: NodePod): void {
    this.#backOff.forget(metadata.uid);
    for (const key of this.#failed.keys()) if (key.startsWith(metadata.uid)) this.#failed.delete(key);
  }

  #nextLookMs(): number {
    return lookMs * (1 + lookJitter * this.#env.random.float());
  }
}

function keyOf({ metadata }: NodePod, image: string): string {
  return `${metadata.uid}/${image}`;
}
