/** All that may end a pod of a node against its will: its own storage limits, the node's pressure, its shutdown. */

import type { ShutdownPeriod } from '#api/configuration/kubelet/shutdown-periods.ts';
import type { Metric } from '#base/metrics/metric.ts';
import type { Pressure } from '../admission/pressure.ts';
import type { Rejection } from '../admission/rejection.ts';
import type { EvictionMeter } from '../runtime/eviction-meter.ts';
import type { PodSetup } from '../runtime/machine.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { EvictionManager, type EvictionParts, type EvictionRules } from './eviction-manager.ts';
import { EvictionMetrics } from './eviction-metrics.ts';
import { NodeShutdown, type ShutdownSource } from './shutdown/node-shutdown.ts';
import { StorageEviction } from './storage-eviction.ts';

export interface EvictionOptions {
  /** Without it no pod is ever evicted for what others use, and the node is never under pressure. */
  readonly eviction?: { readonly rules: EvictionRules; readonly meter: EvictionMeter };
  /** Without it, or without periods, pods are not ended before the machine goes down. */
  readonly shutdown?: { readonly periods: readonly ShutdownPeriod[]; readonly source: ShutdownSource };
}

export interface EvictionsParts extends Omit<EvictionParts, 'meter' | 'metrics'> {
  readonly runtime: Runtime;
  readonly setup: Pick<PodSetup, 'storageUse'>;
  /** A shutdown has begun or was cancelled: the node's readiness has changed. */
  readonly onShutdown: () => void;
}

export class Evictions {
  readonly #storage: StorageEviction | undefined;
  readonly #pressure: EvictionManager | undefined;
  readonly #shutdown: NodeShutdown | undefined;
  readonly #metrics = new EvictionMetrics();

  constructor({ eviction, shutdown }: EvictionOptions, parts: EvictionsParts) {
    const { env, runtime, setup, pods, onShutdown } = parts;
    const { storageUse } = setup;
    const metrics = this.#metrics;
    this.#storage = storageUse && new StorageEviction(env, runtime, storageUse, pods, metrics);
    this.#pressure =
      eviction && new EvictionManager(eviction.rules, { ...parts, metrics, meter: eviction.meter });
    if (shutdown && shutdown.periods.length > 0) {
      this.#shutdown = new NodeShutdown(shutdown.periods, {
        ...parts,
        source: shutdown.source,
        onChange: onShutdown,
      });
    }
  }

  get metrics(): readonly Metric[] {
    return this.#metrics.metrics;
  }

  get pressures(): ReadonlySet<Pressure> {
    return this.#pressure?.conditions ?? new Set();
  }

  /** Why the node is not ready; undefined while no shutdown is announced. */
  get problem(): string | undefined {
    return this.#shutdown?.problem;
  }

  /** Why the node admits no pod at all. */
  get rejection(): Rejection | undefined {
    return this.#shutdown?.rejection;
  }

  start(): void {
    this.#storage?.start();
    this.#pressure?.start();
    this.#shutdown?.start();
  }

  stop(): void {
    this.#storage?.stop();
    this.#pressure?.stop();
    this.#shutdown?.stop();
  }
}
