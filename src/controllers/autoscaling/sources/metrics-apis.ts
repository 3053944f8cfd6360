/** The three metrics APIs, asked for one metric of an autoscaler. Never throws: a failure is an answer. */

import type { MetricSpec } from '#api/generated/types.gen.ts';
import type { Selector } from '#api/selectors/selector.ts';
import type { Clock } from '#base/clock.ts';
import { identifierOf, type MetricAnswer, metricSelectorOf } from '../decide/metric-source.ts';
import { CustomMetrics } from './custom-metrics.ts';
import { readExternalMetric } from './external-metrics.ts';
import type { KindResources } from './kind-resources.ts';
import type { Requests } from './requests.ts';
import { NoMetrics, readResourceMetrics } from './resource-metrics.ts';

export class MetricsApis {
  readonly #requests: Requests;
  readonly #custom: CustomMetrics;

  constructor(requests: Requests, kinds: KindResources, clock: Clock) {
    this.#requests = requests;
    this.#custom = new CustomMetrics(requests, kinds, clock);
  }

  /** `pods`: the selector of the autoscaler's target. */
  async read(spec: MetricSpec, namespace: string, pods: Selector): Promise<MetricAnswer> {
    try {
      return await this.#ask(spec, namespace, pods);
    } catch (error) {
      const { message } = error as Error;
      if (error instanceof NoMetrics) return error;
      return new Error(`unable to fetch metrics from ${apiOf(spec)}: ${message}`);
    }
  }

  async #ask(spec: MetricSpec, namespace: string, pods: Selector): Promise<MetricAnswer> {
    const { resource, containerResource, object, pods: podsSource, external } = spec;
    const identifier = identifierOf(spec);
    const metricSelector = identifier ? metricSelectorOf(identifier) : pods;
    if (spec.type === 'Resource' && resource) {
      return this.#resource(namespace, pods, { resource: resource.name, container: '' });
    }
    if (spec.type === 'ContainerResource' && containerResource) {
      const { name, container } = containerResource;
      return this.#resource(namespace, pods, { resource: name, container });
    }
    if (spec.type === 'Pods' && podsSource) {
      return this.#custom.ofPods({ namespace, metric: podsSource.metric.name, metricSelector }, pods);
    }
    if (spec.type === 'Object' && object) {
      const asked = { namespace, metric: object.metric.name, metricSelector };
      return [await this.#custom.ofObject(asked, object.describedObject)];
    }
    if (spec.type === 'External' && external) {
      return readExternalMetric(this.#requests, namespace, external.metric.name, metricSelector);
    }
    return new Error('unknown metric source type');
  }

  #resource(namespace: string, pods: Selector, what: { resource: string; container: string }) {
    return readResourceMetrics(this.#requests, namespace, pods, what);
  }
}

function apiOf({ type }: MetricSpec): string {
  if (type === 'External') return 'external metrics API';
  return type === 'Pods' || type === 'Object' ? 'custom metrics API' : 'resource metrics API';
}
