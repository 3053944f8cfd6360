/**
 * All metrics of an autoscaler: the one that asks for most replicas counts. When some of them fail, the others may scale
 * up, and never down.
 */

import type { MetricSpec, MetricStatus } from '#api/generated/types.gen.ts';
import type { Findings } from './findings.ts';
import { MetricFailure } from './metric-failure.ts';
import type { MetricAnswer } from './metric-source.ts';
import type { MetricProposal, MetricView } from './metric-view.ts';
import { ofMetric } from './of-metric.ts';

/** What came of one metric: the replicas that it asks for, or none. */
export interface MetricOutcome {
  readonly type: string;
  readonly replicas: number | undefined;
}

export interface MetricsVerdict {
  /** Undefined if nothing may be done by these metrics. */
  readonly proposal?: { readonly replicas: number; readonly name: string };
  /** One for each metric; empty for one that failed. */
  readonly statuses: MetricStatus[];
  /** One for each metric. */
  readonly outcomes: readonly MetricOutcome[];
  /** The text of the first failure, if there is one. */
  readonly failure?: string;
}

/** Writes the condition ScalingActive and the events of failures into `findings`. */
export function judgeMetrics(
  view: MetricView,
  specs: readonly MetricSpec[],
  answers: readonly MetricAnswer[],
  findings: Findings,
): MetricsVerdict {
  const results = specs.map((spec, i) => attempt(view, spec, answers[i] ?? new Error('no answer')));
  const failures = results.filter((result) => result instanceof MetricFailure);
  for (const { reason, text } of failures) findings.warn(reason, text);
  const statuses = results.map((result) => (result instanceof MetricFailure ? { type: '' } : result.status));
  const outcomes = results.map((result, i) => ({
    type: specs[i]?.type ?? '',
    replicas: result instanceof MetricFailure ? undefined : result.replicas,
  }));
  const most = largest(results);
  const [first] = failures;
  const failure =
    first &&
    `invalid metrics (${failures.length} invalid out of ${specs.length}), first error is: ${first.message}`;
  const isLess = (most?.replicas ?? 0) < view.currentReplicas;
  if (!most || (first && isLess)) {
    const cause = `the HPA was unable to compute the replica count: ${first?.text ?? ''}`;
    if (first) findings.set('ScalingActive', 'False', first.reason, cause);
    return { statuses, outcomes, failure: failure ?? 'no metrics' };
  }
  const message = `the HPA was able to successfully calculate a replica count from ${most.name}`;
  findings.set('ScalingActive', 'True', 'ValidMetricFound', message);
  return { proposal: most, statuses, outcomes, ...(failure === undefined ? {} : { failure }) };
}

function attempt(view: MetricView, spec: MetricSpec, answer: MetricAnswer): MetricProposal | MetricFailure {
  try {
    return ofMetric(view, spec, answer);
  } catch (error) {
    if (error instanceof MetricFailure) return error;
    throw error;
  }
}

/** As upstream, a proposal of 0 gives way to any later one. */
function largest(results: readonly (MetricProposal | MetricFailure)[]): MetricProposal | undefined {
  let most: MetricProposal | undefined;
  for (const result of results) {
    if (result instanceof MetricFailure) continue;
    if (!most || most.replicas === 0 || result.replicas > most.replicas) most = result;
  }
  return most;
}
