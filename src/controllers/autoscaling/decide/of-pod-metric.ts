/** Metrics that each pod has: of a resource, of a resource of one container, of its own. */

import type {
  ContainerResourceMetricSource,
  MetricTarget,
  MetricValueStatus,
  PodsMetricSource,
  ResourceMetricSource,
} from '#api/generated/types.gen.ts';
import { parseQuantity } from '#api/values/quantity.ts';
import { replicasByAverage, replicasByUtilization } from '../replicas/by-pods.ts';
import { MetricError } from '../replicas/metric-error.ts';
import type { PodMetrics } from '../replicas/pod-groups.ts';
import { MetricFailure } from './metric-failure.ts';
import { type MetricAnswer, metricSelectorOf } from './metric-source.ts';
import { amountText, errorText } from './metric-texts.ts';
import type { MetricProposal, MetricView } from './metric-view.ts';

export function ofPodsMetric(
  view: MetricView,
  { metric, target }: PodsMetricSource,
  answer: MetricAnswer,
): MetricProposal {
  try {
    metricSelectorOf(metric);
    const metrics = podsOf(answer, `unable to get metric ${metric.name}`);
    const average = parseQuantity(target.averageValue ?? '0').thousandths();
    const { replicas, value } = replicasByAverage(view, metrics, { resource: '', target: average });
    const status = { type: 'Pods', pods: { metric, current: { averageValue: amountText(value) } } };
    return { replicas, name: `pods metric ${metric.name}`, status };
  } catch (error) {
    const cause = errorText(error);
    throw new MetricFailure('FailedGetPodsMetric', cause, `failed to get pods metric value: ${cause}`);
  }
}

export function ofResourceMetric(
  view: MetricView,
  { name: resource, target }: ResourceMetricSource,
  answer: MetricAnswer,
): MetricProposal {
  try {
    const found = ofResource(view, { resource, container: '', target }, answer);
    const { replicas, current, name } = found;
    return { replicas, name, status: { type: 'Resource', resource: { name: resource, current } } };
  } catch (error) {
    const cause = errorText(error);
    const message = `failed to get ${resource} resource metric value: ${cause}`;
    throw new MetricFailure('FailedGetResourceMetric', cause, message);
  }
}

export function ofContainerMetric(
  view: MetricView,
  { name: resource, container, target }: ContainerResourceMetricSource,
  answer: MetricAnswer,
): MetricProposal {
  try {
    const { replicas, current, name } = ofResource(view, { resource, container, target }, answer);
    const containerResource = { name: resource, container, current };
    return { replicas, name, status: { type: 'ContainerResource', containerResource } };
  } catch (error) {
    const cause = errorText(error);
    const message = `failed to get ${container} container metric value: ${cause}`;
    throw new MetricFailure('FailedGetContainerResourceMetric', cause, message);
  }
}

interface ResourceQuestion {
  readonly resource: string;
  /** Empty for whole pods. */
  readonly container: string;
  readonly target: MetricTarget;
}

interface ResourceProposal {
  readonly replicas: number;
  readonly name: string;
  readonly current: MetricValueStatus;
}

function ofResource(view: MetricView, question: ResourceQuestion, answer: MetricAnswer): ResourceProposal {
  const { resource, container, target } = question;
  if (target.averageValue !== undefined) {
    const average = parseQuantity(target.averageValue).thousandths();
    const { replicas, value } = withPrefix(`failed to get ${resource} usage`, () =>
      replicasByAverage(view, resourceMetrics(answer, resource), { resource, target: average }),
    );
    const current = { averageValue: amountText(value, resource) };
    return { replicas, name: `${resource} resource`, current };
  }
  if (target.averageUtilization === undefined) {
    throw new MetricError(
      'invalid resource metric source: neither an average utilization target nor an average value (usage) target was set',
    );
  }
  const percent = target.averageUtilization;
  const { replicas, value, utilization } = withPrefix(`failed to get ${resource} utilization`, () =>
    replicasByUtilization(view, resourceMetrics(answer, resource), { resource, container, target: percent }),
  );
  const averageUtilization = utilization ?? 0;
  return {
    replicas,
    name: `${resource} ${container === '' ? '' : 'container '}resource utilization (percentage of request)`,
    current: { averageUtilization, averageValue: amountText(value, resource) },
  };
}

function resourceMetrics(answer: MetricAnswer, resource: string): PodMetrics {
  return podsOf(answer, `unable to get metrics for resource ${resource}`);
}

function podsOf(answer: MetricAnswer, failure: string): PodMetrics {
  if (answer instanceof Map) return answer;
  throw new MetricError(`${failure}: ${answer instanceof Error ? answer.message : 'not metrics of pods'}`);
}

function withPrefix<T>(prefix: string, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    throw new MetricError(`${prefix}: ${errorText(error)}`);
  }
}
