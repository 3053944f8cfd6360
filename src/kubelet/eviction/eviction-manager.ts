/**
 * Keeps the node from running out of memory, disk, inodes and process ids. Every ten seconds it looks at what is
 * left; where a threshold is met it removes dead containers and unused images first, and if that does not help it
 * evicts one pod and waits for its end before it looks again. Follows upstream's eviction manager.
 */

import type { EvictionThreshold, Signal } from '#api/configuration/kubelet/thresholds.ts';
import { isCriticalPod } from '#api/pods/system-priority.ts';
import { pause } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import type { Pressure } from '../admission/pressure.ts';
import type { EvictionMeter, Observations, Resource } from '../runtime/eviction-meter.ts';
import type { Evictable } from './evictable.ts';
import type { EvictionMetrics } from './eviction-metrics.ts';
import { evictionText } from './pressure/message.ts';
import {
  metThresholds,
  nextPressure,
  noPressure,
  type PressureRules,
  type PressureState,
} from './pressure/pressure-state.ts';
import { rankPods } from './pressure/rank.ts';
import { isHard, resourceOfSignal } from './pressure/signals.ts';

const lookIntervalMs = 10_000;
const hardGraceSeconds = 1;
const endLimitMs = 30_000;
const endPollMs = 1000;

export interface EvictionRules extends PressureRules {
  /** Of a pod that a soft threshold evicts. */
  readonly podGraceSecondsMax: number;
}

export interface EvictionParts {
  readonly env: Env;
  readonly nodeName: string;
  readonly events: EventRecorder;
  readonly meter: EvictionMeter;
  readonly metrics: EvictionMetrics;
  readonly pods: () => readonly Evictable[];
  /** Frees disk and inodes without ending a pod. */
  readonly reclaim: () => Promise<void>;
}

/** What is known when a pod is to be evicted. */
interface EvictionInput {
  readonly resource: Resource;
  readonly observations: Observations;
  readonly observedAtMs: number;
  /** Images and containers lie on another file system than logs and volumes. */
  readonly isDedicated: boolean;
}

export class EvictionManager {
  readonly #rules: EvictionRules;
  readonly #parts: EvictionParts;
  readonly #stopping = new AbortController();
  #state: PressureState = noPressure;

  constructor(rules: EvictionRules, parts: EvictionParts) {
    this.#rules = rules;
    this.#parts = parts;
  }

  /** Of the node; a pod is admitted by them. */
  get conditions(): ReadonlySet<Pressure> {
    return this.#state.conditions;
  }

  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#parts.env;
    while (!this.#stopping.signal.aborted) {
      try {
        const evicted = await this.#synchronize();
        if (evicted) await this.#untilEnded(evicted);
        else await pause(clock, lookIntervalMs, this.#stopping.signal);
      } catch (error) {
        log.warn('what is left of the node could not be measured', { error: errorText(error) });
        await pause(clock, lookIntervalMs, this.#stopping.signal);
      }
    }
  }

  /** Measures, and evicts one pod where that is due, which it returns. Upstream: `synchronize`. */
  async #synchronize(): Promise<Evictable | undefined> {
    const observations = await this.#parts.meter.observe();
    const nowMs = this.#parts.env.clock.monotonicMs();
    this.#state = nextPressure(this.#rules, this.#state, observations, nowMs);
    const threshold = this.#state.starving[0];
    if (!threshold || this.#stopping.signal.aborted) return undefined;
    const resource = resourceOfSignal(threshold.signal);
    this.#recordReclaim(resource);
    const isDedicated = await this.#parts.meter.hasDedicatedImageFs();
    if (canReclaim(threshold.signal, isDedicated) && (await this.#reclaimed(resource))) return undefined;
    return this.#evict(threshold, { resource, observations, isDedicated, observedAtMs: nowMs });
  }

  #recordReclaim(resource: Resource): void {
    const { nodeName, events, env } = this.#parts;
    env.log.info('attempting to reclaim', { resource });
    const node = { kind: 'Node', name: nodeName, uid: nodeName };
    events.event(node, 'Warning', 'EvictionThresholdMet', `Attempting to reclaim ${resource}`);
  }

  /** Whether no threshold is met any more, minimum reclaim included. */
  async #reclaimed(resource: Resource): Promise<boolean> {
    const { meter, reclaim, env } = this.#parts;
    await reclaim().catch((error: unknown) => {
      env.log.warn('unused images and containers could not be removed', { error: errorText(error) });
    });
    const observations = await meter.observe();
    const isEnough = metThresholds(this.#rules.thresholds, observations, 'with reclaim').length === 0;
    if (isEnough) env.log.info('reclaimed without an eviction', { resource });
    return isEnough;
  }

  async #evict(
    threshold: EvictionThreshold,
    { resource, observations, isDedicated, observedAtMs }: EvictionInput,
  ): Promise<Evictable | undefined> {
    const { meter, pods, env, metrics } = this.#parts;
    const candidates = pods().filter(({ isActive, pod }) => isActive && !isCriticalPod(pod));
    const byUid = new Map(candidates.map((candidate) => [candidate.pod.metadata.uid, candidate]));
    const own = candidates.map(({ pod }) => pod);
    const uses = await meter.uses(own, resource);
    for (const { signal } of this.#state.starving) {
      metrics.decided(signal, env.clock.monotonicMs() - observedAtMs);
    }
    for (const pod of rankPods(threshold.signal, own, uses, isDedicated)) {
      const evictable = byUid.get(pod.metadata.uid)!;
      // It may have ended while the others were measured.
      if (!evictable.isActive || this.#stopping.signal.aborted) continue;
      const use = uses.get(pod.metadata.uid);
      const text = evictionText(resource, pod, use, this.#state.starving, observations);
      const graceSeconds = isHard(threshold) ? hardGraceSeconds : this.#rules.podGraceSecondsMax;
      const disruption = text.message;
      evictable.fail({ cause: 'Evicted', reason: 'Evicted', graceSeconds, disruption, ...text });
      metrics.evicted(threshold.signal);
      return evictable;
    }
    env.log.warn('no pod of the node can be evicted', { resource });
    return undefined;
  }

  async #untilEnded(evicted: Evictable): Promise<void> {
    const { clock } = this.#parts.env;
    const untilMs = clock.monotonicMs() + endLimitMs;
    while (!evicted.hasEnded && clock.monotonicMs() < untilMs && !this.#stopping.signal.aborted) {
      await pause(clock, endPollMs, this.#stopping.signal);
    }
  }
}

/** Memory and process ids are taken by pods alone; so are the bytes of a nodefs that has no images. */
function canReclaim(signal: Signal, hasDedicatedImageFs: boolean): boolean {
  return signal.startsWith('imagefs.') || (signal.startsWith('nodefs.') && !hasDedicatedImageFs);
}
