/**
 * What one look at an autoscaler comes to. Pure; follows upstream's horizontal-pod-autoscaler controller:
 *
 *   1. A target of zero replicas switches it off, unless it was this autoscaler that scaled it to zero.
 *   2. A target outside of minReplicas and maxReplicas is scaled to the bound.
 *   3. Otherwise the metrics decide (`all-metrics.ts`), after stabilization and limits (`normalize.ts`).
 */

import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerStatus,
  MetricStatus,
  Pod,
} from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { rfc3339 } from '#base/clock.ts';
import { firstMemory, type Memory } from '../pace/memory.ts';
import { tolerancesOf } from '../replicas/tolerances.ts';
import { judgeMetrics, type MetricOutcome } from './all-metrics.ts';
import { Findings, type FoundEvent } from './findings.ts';
import {
  belowMin,
  type FirstLook,
  firstLook,
  measuresWithoutPods,
  minReplicasOf,
  wasScaledToZero,
} from './first-look.ts';
import type { MetricAnswer } from './metric-source.ts';
import { normalize } from './normalize.ts';
import type { SelectorProblem } from './selector.ts';
import type { Settings } from './settings.ts';

/** The target's scale subresource. */
export interface TargetSize {
  readonly specReplicas: number;
  readonly statusReplicas: number;
}

export interface AutoscalerView {
  readonly autoscaler: Stored<HorizontalPodAutoscaler>;
  readonly target: TargetSize;
  /** The pods of the target, or why they are not known; unused where the first look needs no metrics. */
  readonly pods: readonly Stored<Pod>[] | SelectorProblem;
  /** One for each metric of the spec. */
  readonly answers: readonly MetricAnswer[];
  readonly memory: Memory | undefined;
  readonly settings: Settings;
  readonly nowMs: number;
  /** Memories are of this time: a wall clock that is set back would keep the target from shrinking. */
  readonly monotonicMs: number;
}

export interface Decision {
  readonly events: readonly FoundEvent[];
  /** If nothing is rescaled. */
  readonly status: HorizontalPodAutoscalerStatus;
  readonly rescale?: Rescale;
  /** To be remembered; unchanged if absent. */
  readonly memory?: Memory;
  /** Of each metric that was judged, in the order of the spec. */
  readonly proposals: readonly MetricOutcome[];
  /** The target, its pods or a metric could not be read. */
  readonly isFaulty: boolean;
}

export interface Rescale {
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  readonly statusIfDone: HorizontalPodAutoscalerStatus;
  /** The message of the condition AbleToScale ends with the error. */
  readonly statusIfFailed: HorizontalPodAutoscalerStatus;
}

/** `error`: why the target or its scale cannot be read. */
export function withoutTarget(
  { status }: Stored<HorizontalPodAutoscaler>,
  error: string,
  nowMs: number,
): Decision {
  const findings = new Findings(status?.conditions, nowMs);
  findings.warn('FailedGetScale', error);
  const message = `the HPA controller was unable to get the target's current scale: ${error}`;
  findings.set('AbleToScale', 'False', 'FailedGetScale', message);
  const changed = {
    ...status,
    desiredReplicas: status?.desiredReplicas ?? 0,
    conditions: findings.conditions,
  };
  return { events: findings.events, status: changed, proposals: [], isFaulty: true };
}

export function decideAutoscaler(view: AutoscalerView): Decision {
  const { autoscaler, target, settings } = view;
  const findings = new Findings(autoscaler.status?.conditions, view.nowMs);
  const current = target.specReplicas;
  const memory = view.memory ?? firstMemory(current, view.monotonicMs);
  const could = "the HPA controller was able to get the target's current scale";
  findings.set('AbleToScale', 'True', 'SucceededGetScale', could);
  const look = firstLook(autoscaler, current, settings);
  const draft = new Draft(view, findings, memory);
  return look.kind === 'metrics' ? draft.byMetrics() : draft.bySize(look);
}

class Draft {
  readonly #view: AutoscalerView;
  readonly #findings: Findings;
  #memory: Memory;
  #metrics: readonly MetricStatus[] | undefined;
  #proposals: readonly MetricOutcome[] = [];
  #isFaulty = false;

  constructor(view: AutoscalerView, findings: Findings, memory: Memory) {
    this.#view = view;
    this.#findings = findings;
    this.#memory = memory;
  }

  bySize(look: Exclude<FirstLook, { kind: 'metrics' }>): Decision {
    if (look.kind === 'bound') return this.#scaleTo(look.replicas, look.reason);
    const off = 'scaling is disabled since the replica count of the target is zero';
    this.#findings.set('ScalingActive', 'False', 'ScalingDisabled', off);
    if (!this.#view.settings.scalesToZero) this.#findings.remove('ScaledToZero');
    return this.#keep();
  }

  byMetrics(): Decision {
    const { autoscaler, target, pods, answers, settings, nowMs } = this.#view;
    if ('reason' in pods) return this.#withoutPods(pods);
    const currentReplicas = target.specReplicas;
    const verdict = judgeMetrics(
      {
        autoscaler,
        pods,
        currentReplicas,
        statusReplicas: target.statusReplicas,
        tolerances: tolerancesOf(autoscaler.spec?.behavior, settings.tolerance),
        times: { ...settings, nowMs },
      },
      autoscaler.spec?.metrics ?? [],
      answers,
      this.#findings,
    );
    this.#metrics = verdict.statuses;
    this.#proposals = verdict.outcomes;
    this.#isFaulty = verdict.failure !== undefined;
    if (!verdict.proposal) return this.#fail(verdict.failure ?? '');
    return this.#follow(verdict.proposal);
  }

  #follow(proposal: { readonly replicas: number; readonly name: string }): Decision {
    const { autoscaler, target, settings } = this.#view;
    const [current, min] = [target.specReplicas, minReplicasOf(autoscaler)];
    const desired = Math.max(0, proposal.replicas);
    const bounds = { current, desired, min, max: autoscaler.spec?.maxReplicas ?? 0 };
    const past = { memory: this.#memory, monotonicMs: this.#view.monotonicMs };
    const normalized = normalize(autoscaler, bounds, past, settings, this.#findings);
    this.#memory = normalized.memory;
    let { replicas } = normalized;
    let reason = desired < current ? 'All metrics below target' : '';
    if (desired > current) reason = `${proposal.name} above target`;
    if (current === 0 && replicas < min && wasScaledToZero(autoscaler, settings)) {
      replicas = min;
      reason ||= belowMin;
    }
    return replicas === current ? this.#keep() : this.#scaleTo(replicas, reason);
  }

  #withoutPods(problem: SelectorProblem): Decision {
    this.#findings.warn(problem.reason, problem.message);
    this.#findings.set('ScalingActive', 'False', problem.conditionReason, problem.conditionMessage);
    return this.#fail(problem.message);
  }

  #fail(message: string): Decision {
    this.#isFaulty = true;
    this.#findings.warn('FailedComputeMetricsReplicas', message);
    return this.#decided({ status: this.#status() });
  }

  #keep(): Decision {
    return this.#decided({ status: this.#status(this.#view.target.specReplicas) });
  }

  #scaleTo(to: number, reason: string): Decision {
    const from = this.#view.target.specReplicas;
    const failed = this.#findings.with({
      type: 'AbleToScale',
      status: 'False',
      reason: 'FailedUpdateScale',
      message: 'the HPA controller was unable to update the target scale: ',
    });
    const statusIfFailed = { ...this.#status(), conditions: failed };
    const done = `the HPA controller was able to update the target scale to ${to}`;
    this.#findings.set('AbleToScale', 'True', 'SucceededRescale', done);
    this.#reportZero(to);
    const lastScaleTime = rfc3339(this.#view.nowMs);
    const statusIfDone = { ...this.#status(to), lastScaleTime };
    const rescale = { from, to, reason, statusIfDone, statusIfFailed };
    return this.#decided({ status: statusIfDone, rescale });
  }

  #reportZero(to: number): void {
    const { autoscaler, target, settings } = this.#view;
    if (!settings.scalesToZero) {
      this.#findings.remove('ScaledToZero');
      return;
    }
    const isZero = target.specReplicas > 0 && to === 0 && minReplicasOf(autoscaler) === 0;
    if (isZero && measuresWithoutPods(autoscaler)) {
      const message = 'the HPA controller scaled the workload to zero';
      this.#findings.set('ScaledToZero', 'True', 'ScaledToZero', message);
    } else {
      const message = 'the HPA controller did not scale the workload to zero';
      this.#findings.set('ScaledToZero', 'False', 'NotScaledToZero', message);
    }
  }

  /** `desired`: default as before. */
  #status(desired?: number): HorizontalPodAutoscalerStatus {
    const { autoscaler, target } = this.#view;
    const { lastScaleTime, desiredReplicas = 0 } = autoscaler.status ?? {};
    return {
      ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
      currentReplicas: target.specReplicas,
      desiredReplicas: desired ?? desiredReplicas,
      // Go writes an empty list as null.
      currentMetrics: (this.#metrics ?? null) as MetricStatus[],
      conditions: this.#findings.conditions,
    };
  }

  #decided(decided: Pick<Decision, 'status' | 'rescale'>): Decision {
    const [proposals, isFaulty] = [this.#proposals, this.#isFaulty];
    return { events: this.#findings.events, memory: this.#memory, proposals, isFaulty, ...decided };
  }
}
