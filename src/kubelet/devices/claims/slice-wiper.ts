/**
 * Deletes the ResourceSlices of this node that no running driver stands behind, so that no pod is scheduled for their
 * devices: all when the kubelet starts, and those of a driver that has been away for 30 seconds. Upstream:
 * `wipeResourceSlices` of pkg/kubelet/cm/dra/plugin.
 */

import { resourceSlices } from '#api/generated/kinds.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { BackOff } from '#base/back-off.ts';
import { pause, type Timer } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import type { Client } from '#client/client.ts';

/** Long enough for a pod to be replaced. */
const absenceMs = 30_000;
const retry = { initialMs: 1000, maxMs: 300_000, jitter: 0.2, resetAfterMs: 600_000 };

export class SliceWiper {
  readonly #env: Env;
  readonly #client: Pick<Client, 'deleteCollection'>;
  readonly #nodeName: string;
  /** By driver that is away. */
  readonly #pending = new Map<string, Timer>();
  readonly #stopping = new AbortController();

  constructor(env: Env, client: Pick<Client, 'deleteCollection'>, nodeName: string) {
    this.#env = env;
    this.#client = client;
    this.#nodeName = nodeName;
  }

  /** No driver has registered yet. Needs the Node. */
  start(): void {
    void this.#wipe();
  }

  stop(): void {
    this.#stopping.abort();
    for (const timer of this.#pending.values()) timer.cancel();
    this.#pending.clear();
  }

  /** The first report of an absence counts: what comes after it does not prolong the wait. */
  setUsable(driver: string, isUsable: boolean): void {
    if (isUsable) {
      this.#pending.get(driver)?.cancel();
      this.#pending.delete(driver);
      return;
    }
    if (this.#pending.has(driver) || this.#stopping.signal.aborted) return;
    const timer = this.#env.clock.after(absenceMs, () => void this.#wipe(driver));
    this.#pending.set(driver, timer);
  }

  /** Of one driver, or of all; tried until it works, or the driver is back. */
  async #wipe(driver?: string): Promise<void> {
    const { signal } = this.#stopping;
    const delay = new BackOff(this.#env, retry);
    const timer = driver === undefined ? undefined : this.#pending.get(driver);
    const isDue = () => driver === undefined || this.#pending.get(driver) === timer;
    while (!signal.aborted && isDue()) {
      if (await this.#tryToWipe(driver)) break;
      await pause(this.#env.clock, delay.nextMs(), signal);
    }
    if (driver !== undefined && isDue()) this.#pending.delete(driver);
  }

  async #tryToWipe(driver: string | undefined): Promise<boolean> {
    const ofDriver = driver === undefined ? '' : `,spec.driver=${driver}`;
    const fieldSelector = `spec.nodeName=${this.#nodeName}${ofDriver}`;
    try {
      await this.#client.deleteCollection(resourceSlices, { fieldSelector });
      return true;
    } catch (error) {
      if (error instanceof StatusError && error.code === 404) return true;
      const problem = { fieldSelector, error: errorText(error) };
      this.#env.log.warn('ResourceSlices could not be deleted', problem);
      return false;
    }
  }
}
