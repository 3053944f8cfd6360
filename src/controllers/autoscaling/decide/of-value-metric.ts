/** Metrics that are no pod's: of an object of the namespace, or external. */

import type {
  ExternalMetricSource,
  MetricTarget,
  MetricValueStatus,
  ObjectMetricSource,
} from '#api/generated/types.gen.ts';
import { parseQuantity } from '#api/values/quantity.ts';
import { replicasByShare, replicasByValue, type ValueProposal } from '../replicas/by-value.ts';
import { sumInt64 } from '../replicas/go-int.ts';
import { MetricError } from '../replicas/metric-error.ts';
import { MetricFailure } from './metric-failure.ts';
import { type MetricAnswer, metricSelectorOf } from './metric-source.ts';
import { amountText, errorText, identifierText, pointerText } from './metric-texts.ts';
import type { MetricProposal, MetricView } from './metric-view.ts';

export function ofObjectMetric(
  view: MetricView,
  { metric, target, describedObject }: ObjectMetricSource,
  answer: MetricAnswer,
): MetricProposal {
  const wants = target.type === 'Value' ? byValue(target) : byAverage(target);
  const average = target.type === 'AverageValue' ? `failed to get ${metric.name} object metric: ` : '';
  try {
    metricSelectorOf(metric);
    if (!wants) throw new MetricError(noTarget('object'));
    // Upstream's text has its arguments in this order.
    const { kind, name } = describedObject;
    const namespace = view.autoscaler.metadata.namespace;
    const usage = valuesOf(answer, (text) => {
      return `unable to get metric ${metric.name}: ${kind} on ${namespace} ${name}/${text}`;
    });
    const { replicas, current } = wants(view, usage);
    return {
      replicas,
      name:
        target.type === 'Value'
          ? `${kind} metric ${metric.name}`
          : `external metric ${identifierText(metric)}`,
      status: { type: 'Object', object: { describedObject, metric, current } },
    };
  } catch (error) {
    const cause = errorText(error);
    const message = `failed to get object metric value: ${wants ? average : ''}${cause}`;
    throw new MetricFailure('FailedGetObjectMetric', cause, message);
  }
}

export function ofExternalMetric(
  view: MetricView,
  { metric, target }: ExternalMetricSource,
  answer: MetricAnswer,
): MetricProposal {
  const average = byAverage(target);
  const wants = average ?? byValue(target);
  const failed = average
    ? `failed to get ${metric.name} external metric: `
    : `failed to get external metric ${metric.name}: `;
  try {
    if (!wants) throw new MetricError(noTarget('external'));
    metricSelectorOf(metric);
    const namespace = view.autoscaler.metadata.namespace;
    const usage = valuesOf(answer, (text) => {
      const selector = pointerText(metric.selector);
      return `unable to get external metric ${namespace}/${metric.name}/${selector}: ${text}`;
    });
    const { replicas, current } = wants(view, usage);
    const name = `external metric ${identifierText(metric)}`;
    return { replicas, name, status: { type: 'External', external: { metric, current } } };
  } catch (error) {
    const cause = errorText(error);
    const message = `failed to get ${metric.name} external metric value: ${wants ? failed : ''}${cause}`;
    throw new MetricFailure('FailedGetExternalMetric', cause, message);
  }
}

const noTarget = (source: string) =>
  `invalid ${source} metric source: neither a value target nor an average value target was set`;

type Wanted = (view: MetricView, usage: bigint) => { replicas: number; current: MetricValueStatus };

function byValue({ value }: MetricTarget): Wanted | undefined {
  if (value === undefined) return undefined;
  return (view, usage) => {
    const found: ValueProposal = replicasByValue(view, usage, parseQuantity(value).thousandths());
    return { replicas: found.replicas, current: { value: amountText(found.value) } };
  };
}

function byAverage({ averageValue }: MetricTarget): Wanted | undefined {
  if (averageValue === undefined) return undefined;
  return ({ statusReplicas, tolerances }, usage) => {
    const target = parseQuantity(averageValue).thousandths();
    const found = replicasByShare(statusReplicas, tolerances, usage, target);
    return { replicas: found.replicas, current: { averageValue: amountText(found.value) } };
  };
}

function valuesOf(answer: MetricAnswer, failure: (text: string) => string): bigint {
  if (answer instanceof Error) throw new MetricError(failure(answer.message));
  if (answer instanceof Map) throw new MetricError(failure('metrics of pods'));
  return sumInt64(answer as readonly bigint[]);
}
