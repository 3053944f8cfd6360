/** One metric of an autoscaler: how many replicas it asks for, and its part of the status. Throws `MetricFailure`. */

import type { MetricSpec } from '#api/generated/types.gen.ts';
import { MetricFailure } from './metric-failure.ts';
import type { MetricAnswer } from './metric-source.ts';
import type { MetricProposal, MetricView } from './metric-view.ts';
import { ofContainerMetric, ofPodsMetric, ofResourceMetric } from './of-pod-metric.ts';
import { ofExternalMetric, ofObjectMetric } from './of-value-metric.ts';

export function ofMetric(view: MetricView, spec: MetricSpec, answer: MetricAnswer): MetricProposal {
  if (spec.type === 'Object' && spec.object) return ofObjectMetric(view, spec.object, answer);
  if (spec.type === 'Pods' && spec.pods) return ofPodsMetric(view, spec.pods, answer);
  if (spec.type === 'Resource' && spec.resource) return ofResourceMetric(view, spec.resource, answer);
  if (spec.type === 'ContainerResource' && spec.containerResource) {
    return ofContainerMetric(view, spec.containerResource, answer);
  }
  if (spec.type === 'External' && spec.external) return ofExternalMetric(view, spec.external, answer);
  const text = `unknown metric source type ${JSON.stringify(spec.type)}`;
  throw new MetricFailure('InvalidMetricSourceType', text, text);
}
