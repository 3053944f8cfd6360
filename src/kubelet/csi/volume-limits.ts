/**
 * Keeps the limits of volumes in CSINode up to date, of registered drivers whose CSIDriver has a
 * `nodeAllocatableUpdatePeriodSeconds`: each driver is asked again after that time. Upstream: csi_node_updater.go.
 */

import type { CSIDriver } from '#api/generated/types.gen.ts';
import type { Env } from '#base/env.ts';
import { Repeater } from '#base/repeater.ts';
import { errorText } from '#base/text/error-text.ts';
import type { Informer } from '#client/informers/informer.ts';

/** What the limits need of the registered drivers. */
export interface LimitedDrivers {
  isRegistered(name: string): boolean;
  /** Asks the driver for its limit and writes it into CSINode. */
  update(name: string): Promise<void>;
}

interface Updates {
  readonly seconds: number;
  readonly rounds: Repeater;
}

export class VolumeLimits {
  readonly #env: Env;
  readonly #objects: Informer<CSIDriver>;
  readonly #drivers: LimitedDrivers;
  readonly #updates = new Map<string, Updates>();
  readonly #unsubscribe: () => void;

  constructor(env: Env, objects: Informer<CSIDriver>, drivers: LimitedDrivers) {
    this.#env = env;
    this.#objects = objects;
    this.#drivers = drivers;
    const sync = ({ metadata }: CSIDriver) => this.sync(metadata?.name ?? '');
    this.#unsubscribe = objects.subscribe({
      onAdd: sync,
      onUpdate: (_, object) => sync(object),
      onDelete: sync,
    });
  }

  areKept(driver: string): boolean {
    return this.#secondsOf(driver) > 0;
  }

  /** A failure is logged. */
  async refresh(driver: string): Promise<void> {
    try {
      await this.#drivers.update(driver);
    } catch (error) {
      this.#env.log.warn('the limit of volumes could not be updated', { driver, error: errorText(error) });
    }
  }

  /** The driver, or its CSIDriver, has come, changed or gone. */
  sync(driver: string): void {
    const seconds = this.#drivers.isRegistered(driver) ? this.#secondsOf(driver) : 0;
    const current = this.#updates.get(driver);
    if (current?.seconds === seconds) return;
    current?.rounds.stop();
    this.#updates.delete(driver);
    if (seconds === 0) return;
    const rounds = new Repeater(this.#env.clock, seconds * 1000, () => this.refresh(driver));
    this.#updates.set(driver, { seconds, rounds });
    rounds.start();
  }

  stop(): void {
    this.#unsubscribe();
    for (const { rounds } of this.#updates.values()) rounds.stop();
    this.#updates.clear();
  }

  #secondsOf(driver: string): number {
    return this.#objects.get(undefined, driver)?.spec.nodeAllocatableUpdatePeriodSeconds ?? 0;
  }
}
