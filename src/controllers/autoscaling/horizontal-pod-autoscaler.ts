/**
 * Scales what HorizontalPodAutoscalers name, every 15 seconds, so that metrics stay at their targets.
 *
 *   1. The target's scale subresource is read, of whatever resource that has one.
 *   2. The metrics that the decision needs are read from the metrics APIs.
 *   3. What to do is decided (`decide/decide.ts`); the scale is written, then the status.
 *
 * Reads HorizontalPodAutoscalers, pods, scales and metrics; writes scales, HorizontalPodAutoscaler status and events.
 * Follows upstream's horizontal-pod-autoscaler controller; an autoscaler is first looked at a period after it was seen.
 */

import { horizontalPodAutoscalers, pods } from '#api/generated/kinds.gen.ts';
import type { HorizontalPodAutoscaler } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { Selector } from '#api/selectors/selector.ts';
import type { Clock } from '#base/clock.ts';
import {
  type ControllerContext,
  type ControllerDefinition,
  defineController,
  type RunningController,
} from '#client/controllers/controller.ts';
import { type Action, nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { keyOf, splitKey } from '#client/controllers/queue-key.ts';
import { type SpecialStep, special } from '#client/controllers/special.ts';
import { type Watch, watch } from '#client/controllers/watch.ts';
import type { Lister } from '#client/informers/informer.ts';
import { eventAction } from '../shared/event-action.ts';
import { AutoscalerMetrics, actionOf, type ReconcileError } from './autoscaler-metrics.ts';
import {
  type AutoscalerView,
  type Decision,
  decideAutoscaler,
  type Rescale,
  withoutTarget,
} from './decide/decide.ts';
import { firstLook } from './decide/first-look.ts';
import type { MetricAnswer } from './decide/metric-source.ts';
import { isSelector, readSelector } from './decide/selector.ts';
import { defaultSettings, type Settings } from './decide/settings.ts';
import { MeasuredReconciliations } from './measured-reconciliations.ts';
import { type Memory, withScaleEvent } from './pace/memory.ts';
import { type RescaleData, type RescaleNotes, report, reportStep, rescaleStep } from './rescale.ts';
import { KindResources } from './sources/kind-resources.ts';
import { MetricsApis } from './sources/metrics-apis.ts';
import { Requests } from './sources/requests.ts';
import { Scales, TargetError, type TargetScale } from './sources/scales.ts';
import { TargetPods } from './sources/target-pods.ts';

export interface AutoscalerOptions extends Partial<Settings> {
  /** How many autoscalers are worked on at once. Default 5. */
  readonly workers?: number;
  /** Default: they are not published. */
  readonly metrics?: AutoscalerMetrics;
}

/** `options`: where they differ from upstream's defaults. */
export function horizontalPodAutoscaler(options: AutoscalerOptions = {}): ControllerDefinition {
  const { workers, metrics = new AutoscalerMetrics(), ...settings } = options;
  return defineController({
    name: 'horizontal-pod-autoscaler',
    ...(workers === undefined ? {} : { workers }),
    start: (context) => new HorizontalPodAutoscalers(context, { ...defaultSettings, ...settings }, metrics),
  });
}

interface TimedAnswer {
  readonly answer: MetricAnswer;
  readonly ms: number;
}

class HorizontalPodAutoscalers implements RunningController {
  readonly steps;
  readonly #rescale: SpecialStep<RescaleData>;
  readonly watches: readonly Watch[];
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #ending: AbortSignal;
  readonly #autoscalers: Lister<HorizontalPodAutoscaler>;
  readonly #pods: TargetPods;
  readonly #scales: Scales;
  readonly #metricsApis: MetricsApis;
  /** Of this controller. */
  readonly #metrics: AutoscalerMetrics;
  readonly #measured: MeasuredReconciliations;
  /** By key. */
  readonly #memories = new Map<string, Memory>();
  readonly #notes: RescaleNotes = {
    scaled: (autoscaler, rescale) => this.#scaled(autoscaler, rescale),
    failed: (autoscaler) => this.#measured.scaled(keyOf(autoscaler)),
    reported: (autoscaler, isWritten) => this.#measured.ended(keyOf(autoscaler), isWritten),
  };

  constructor(context: ControllerContext, settings: Settings, metrics: AutoscalerMetrics) {
    const { env, client, informers, ending } = context;
    this.#settings = settings;
    this.#metrics = metrics;
    this.#measured = new MeasuredReconciliations(env.clock, metrics);
    this.#clock = env.clock;
    this.#ending = ending;
    this.#autoscalers = informers.for(horizontalPodAutoscalers);
    this.#pods = new TargetPods(this.#autoscalers, informers.for(pods));
    const requests = new Requests(client, env.clock, ending);
    const kinds = new KindResources(requests, env.clock);
    this.#scales = new Scales(requests, kinds);
    this.#metricsApis = new MetricsApis(requests, kinds, env.clock);
    metrics.follow(this.#autoscalers);
    this.#rescale = rescaleStep(env.clock, this.#notes);
    this.steps = [this.#rescale, reportStep(this.#notes)];
    this.watches = [
      watch({
        type: horizontalPodAutoscalers,
        delayMs: settings.periodMs,
        note: (change, autoscaler) => {
          if (change === 'deleted') this.#forget(keyOf(autoscaler));
        },
      }),
    ];
  }

  async reconcile(key: string): Promise<Plan> {
    const autoscaler = this.#autoscalers.get(...splitKey(key));
    if (!autoscaler) return nothingToDo;
    const beganMs = this.#clock.monotonicMs();
    const scale = await this.#scaleOf(autoscaler);
    if (scale instanceof Error) {
      if (this.#ending.aborted) return nothingToDo;
      const decision = withoutTarget(autoscaler, scale.message, this.#clock.now());
      this.#measured.begun(key, beganMs, errorOf(scale));
      return this.#planOf(autoscaler, decision);
    }
    const decision = await this.#decide(autoscaler, scale);
    // Requests that the stop has cut off are no failures of the autoscaler.
    if (this.#ending.aborted) return nothingToDo;
    const isThere = this.#autoscalers.get(...splitKey(key)) !== undefined;
    if (isThere && decision.memory) this.#memories.set(key, decision.memory);
    this.#measured.decided(key, beganMs, decision);
    return this.#planOf(autoscaler, decision, scale);
  }

  #planOf(
    autoscaler: Stored<HorizontalPodAutoscaler>,
    { events, status, rescale }: Decision,
    scale?: TargetScale,
  ): Plan {
    const actions: Action[] = events.map(({ type, reason, message }) =>
      eventAction(autoscaler, type, reason, message),
    );
    if (rescale && scale) {
      const about = `HorizontalPodAutoscaler ${keyOf(autoscaler)} to ${rescale.to}`;
      const { path, object } = scale;
      actions.push(special(this.#rescale, about, { autoscaler, path, scale: object, rescale }));
    } else {
      actions.push(...report(this.#notes, autoscaler, status));
    }
    return { actions, againInMs: this.#settings.periodMs };
  }

  async #scaleOf({ metadata, spec }: Stored<HorizontalPodAutoscaler>): Promise<TargetScale | Error> {
    try {
      const target = spec?.scaleTargetRef ?? { kind: '', name: '' };
      return await this.#scales.read(metadata.namespace ?? '', target);
    } catch (error) {
      return error as Error;
    }
  }

  async #decide(autoscaler: Stored<HorizontalPodAutoscaler>, target: TargetScale): Promise<Decision> {
    const settings = this.#settings;
    const { pods, readings } =
      firstLook(autoscaler, target.specReplicas, settings).kind === 'metrics'
        ? await this.#readMetrics(autoscaler, target.selector)
        : { pods: [], readings: [] };
    const memory = this.#memories.get(keyOf(autoscaler));
    const decision = decideAutoscaler({
      autoscaler,
      target,
      pods,
      answers: readings.map(({ answer }) => answer),
      memory,
      settings,
      nowMs: this.#clock.now(),
      monotonicMs: this.#clock.monotonicMs(),
    });
    const current = autoscaler.status?.currentReplicas ?? 0;
    for (const [i, { type, replicas }] of decision.proposals.entries()) {
      const ms = readings[i]?.ms ?? 0;
      if (replicas === undefined) this.#metrics.computed(type, 'none', 'internal', ms);
      else this.#metrics.computed(type, actionOf(current, replicas), 'none', ms);
    }
    return decision;
  }

  async #readMetrics(
    autoscaler: Stored<HorizontalPodAutoscaler>,
    selectorText: string,
  ): Promise<Pick<AutoscalerView, 'pods'> & { readonly readings: readonly TimedAnswer[] }> {
    const selector = readSelector(selectorText);
    if (!isSelector(selector)) return { pods: selector, readings: [] };
    const pods = this.#pods.podsOf(autoscaler, selectorText, selector);
    if ('reason' in pods) return { pods, readings: [] };
    const readings = await this.#ask(autoscaler, selector);
    // They may have changed while the metrics were read.
    return { pods: this.#pods.podsOf(autoscaler, selectorText, selector), readings };
  }

  /** The answers for one metric after the other: an autoscaler may have many. */
  async #ask({ metadata, spec }: Stored<HorizontalPodAutoscaler>, pods: Selector): Promise<TimedAnswer[]> {
    const readings: TimedAnswer[] = [];
    for (const metric of spec?.metrics ?? []) {
      const beganMs = this.#clock.monotonicMs();
      const answer = await this.#metricsApis.read(metric, metadata.namespace ?? '', pods);
      readings.push({ answer, ms: this.#clock.monotonicMs() - beganMs });
    }
    return readings;
  }

  #scaled(autoscaler: Stored<HorizontalPodAutoscaler>, rescale: Rescale): void {
    const key = keyOf(autoscaler);
    this.#measured.scaled(key, rescale);
    const { from, to } = rescale;
    const memory = this.#memories.get(key);
    if (!memory) return;
    const { scaleUp = {}, scaleDown = {} } = autoscaler.spec?.behavior ?? {};
    const isRuled = autoscaler.spec?.behavior !== undefined;
    const nowMs = this.#clock.monotonicMs();
    const add = (events: Memory['scaleUps'], rules: typeof scaleUp) =>
      withScaleEvent(events, Math.abs(to - from), isRuled ? rules : undefined, nowMs);
    this.#memories.set(key, {
      ...memory,
      ...(to > from
        ? { scaleUps: add(memory.scaleUps, scaleUp) }
        : { scaleDowns: add(memory.scaleDowns, scaleDown) }),
    });
  }

  #forget(key: string): void {
    this.#memories.delete(key);
    this.#measured.forget(key);
    this.#pods.forget(key);
  }
}

function errorOf(error: Error): ReconcileError {
  return error instanceof TargetError ? 'spec' : 'internal';
}
