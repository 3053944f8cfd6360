/**
 * Notices changes of containers.
 *
 *   1. A runtime that names the pods that changed is taken at its word.
 *   2. One that only says that something changed is asked for everything at once, and for a while each
 *      second.
 *   3. One that says nothing, or cannot be heard, is asked each second.
 *   4. While it can be heard and says nothing, it is asked each minute, lest a word was lost.
 */

import { pause } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { Runtime } from './runtime.ts';

/** As upstream's generic lifecycle event generator. */
const watchfulIntervalMs = 1000;
/**
 * containerd sends an exit event before its own lists show it; and events during a disconnection are never
 * sent.
 */
const watchfulForMs = 10_000;
/**
 * Upstream, with events of the runtime interface, waits 300 s. A pod's worker reads its own state each minute
 * anyway.
 */
const restIntervalMs = 60_000;
/** Changes come in groups. */
const gatherMs = 50;
/** In a storm of changes at most one part in so many of the time is spent relisting. */
const askingShare = 10;

export class Relister {
  readonly #env: Env;
  readonly #runtime: Runtime;
  readonly #onPod: (podUid: string) => void;
  #seen = new Map<string, string>();
  #stopped = false;
  #unsubscribe: (() => void) | undefined;
  /** Ends the stream of events; undefined while there is none. */
  #unfollow: (() => void) | undefined;
  /** Aborted when there is no waiting any longer. */
  #wake = new AbortController();
  #watchfulUntilMs = 0;
  #lookTookMs = 0;

  constructor(env: Env, runtime: Runtime, onPod: (podUid: string) => void) {
    this.#env = env;
    this.#runtime = runtime;
    this.#onPod = onPod;
  }

  start(): void {
    if (this.#runtime.subscribe) this.#unsubscribe = this.#runtime.subscribe(this.#onPod);
    else void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#unsubscribe?.();
    this.#unfollow?.();
    this.#wake.abort();
  }

  async #run(): Promise<void> {
    const { clock } = this.#env;
    while (!this.#stopped) {
      this.#follow();
      await pause(clock, this.#isWatchful ? watchfulIntervalMs : restIntervalMs, this.#wake.signal);
      if (this.#wake.signal.aborted && !this.#stopped) await pause(clock, this.#gatherForMs);
      if (this.#stopped) return;
      // A change from here on requests the next relist: this one may not see it.
      this.#wake = new AbortController();
      const beganMs = clock.monotonicMs();
      await this.#look();
      this.#lookTookMs = clock.monotonicMs() - beganMs;
    }
  }

  get #isWatchful(): boolean {
    return this.#env.clock.monotonicMs() < this.#watchfulUntilMs;
  }

  get #gatherForMs(): number {
    return Math.max(gatherMs, this.#lookTookMs * (askingShare - 1));
  }

  #beWatchful(): void {
    this.#watchfulUntilMs = this.#env.clock.monotonicMs() + watchfulForMs;
  }

  /** Tried again before every relist until it succeeds, so that relisting does not slow down meanwhile. */
  #follow(): void {
    if (this.#unfollow) return;
    this.#beWatchful();
    this.#unfollow = this.#runtime.follow?.(
      () => this.#changed(),
      () => this.#unheard(),
    );
  }

  #changed(): void {
    this.#beWatchful();
    this.#wake.abort();
  }

  /**
   * Ends a rest, but not the second between two relists: a runtime that is away must not be called without a
   * pause.
   */
  #unheard(): void {
    this.#unfollow = undefined;
    if (!this.#isWatchful) this.#wake.abort();
  }

  async #look(): Promise<void> {
    try {
      const now = await this.#read();
      for (const uid of new Set([...now.keys(), ...this.#seen.keys()])) {
        if (now.get(uid) !== this.#seen.get(uid)) this.#onPod(uid);
      }
      this.#seen = now;
    } catch (error) {
      this.#env.log.debug('the runtime does not answer', { error: String(error) });
    }
  }

  /** Each pod's sandboxes and containers with their states, as one text. */
  async #read(): Promise<Map<string, string>> {
    const [sandboxes, containers] = await Promise.all([
      this.#runtime.listPodSandboxes(),
      this.#runtime.listContainers(),
    ]);
    const parts = new Map<string, string[]>();
    const add = (uid: string, text: string) => {
      const list = parts.get(uid);
      if (list) list.push(text);
      else parts.set(uid, [text]);
    };
    for (const sandbox of sandboxes) add(sandbox.podUid, `${sandbox.id}${sandbox.ready}`);
    for (const container of containers) add(container.podUid, `${container.id}${container.state}`);
    return new Map([...parts].map(([uid, list]) => [uid, list.sort().join()]));
  }
}
