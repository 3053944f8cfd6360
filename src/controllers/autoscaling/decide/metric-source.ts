/** What one metric of an autoscaler asks for, and what the metrics APIs answered. */

import type { MetricIdentifier, MetricSpec } from '#api/generated/types.gen.ts';
import { type Selector, selectorFromLabelSelector } from '#api/selectors/selector.ts';
import type { PodMetrics } from '../replicas/pod-groups.ts';

/**
 * Of the pods; or the values of an object or of an external metric, in thousandths. An error has the text of the client
 * of the metrics API.
 */
export type MetricAnswer = PodMetrics | readonly bigint[] | Error;

/** Throws `SelectorError`. */
export function metricSelectorOf(metric: MetricIdentifier): Selector {
  return selectorFromLabelSelector(metric.selector);
}

/** Undefined for a resource, which has no selector. */
export function identifierOf(spec: MetricSpec): MetricIdentifier | undefined {
  return spec.object?.metric ?? spec.pods?.metric ?? spec.external?.metric;
}
