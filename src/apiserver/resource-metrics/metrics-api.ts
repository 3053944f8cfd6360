/**
 * The resource metrics API (`metrics.k8s.io/v1beta1`), as metrics-server answers it: nodes and pods with what they
 * use, computed on each request. What has no stats yet is not in a list, and not found by its name.
 */

import { nodes, pods } from '#api/generated/kinds.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { apiVersionOf, type ResourceType } from '#api/meta/resource.ts';
import { notFound } from '#api/meta/status.ts';
import { nodeMetrics, podMetrics } from '#api/resource-metrics/kinds.ts';
import {
  metricsGroup,
  metricsSchema,
  metricsVersion,
  nodeMetricsDef,
  podMetricsDef,
} from '#api/resource-metrics/schema.ts';
import type { Env } from '#base/env.ts';
import type { HandlerContext, SpecialHandler } from '../contract/special-handler.ts';
import { readObject } from '../contract/typed-reader.ts';
import type { UsageSource } from '../contract/usage-source.ts';
import type { ServableKind } from '../registry/served-resource.ts';
import { readListParams } from '../storage/read/list-params.ts';
import { selectionOf } from '../storage/read/selection.ts';
import { type Metrics, nodeMetricsOf, podMetricsOf } from './metrics-of.ts';
import { selectObjects } from './select-objects.ts';
import { UsageOfNodes } from './usage-of-nodes.ts';

const apiVersion = apiVersionOf({ group: metricsGroup, version: metricsVersion });

/** The two resources, to be served like any other, unless the configuration switches their version off. */
export function metricsApi(
  source: UsageSource,
  runtimeConfig: Readonly<Record<string, boolean>> = {},
): readonly ServableKind[] {
  const isOff = runtimeConfig[apiVersion] === false;
  const usage = new UsageOfNodes(source);
  const schema = metricsSchema();
  return [
    {
      kind: nodeMetrics,
      def: nodeMetricsDef,
      schema,
      isOff,
      handlers: [
        handlerOf({
          type: nodes,
          kind: 'NodeMetrics',
          metricsOf: async (found, env) => {
            const stats = await usage.read(
              found.map(({ metadata }) => metadata?.name ?? ''),
              env,
            );
            return found.map((node) => nodeMetricsOf(node, stats, env.clock.now()));
          },
        }),
      ],
    },
    {
      kind: podMetrics,
      def: podMetricsDef,
      schema,
      isOff,
      handlers: [
        handlerOf({
          type: pods,
          kind: 'PodMetrics',
          metricsOf: async (found, env) => {
            const stats = await usage.read(
              found.map(({ spec }) => spec?.nodeName ?? ''),
              env,
            );
            return found.map((pod) => podMetricsOf(pod, stats, env.clock.now()));
          },
        }),
      ],
    },
  ];
}

interface Measurable<T extends KubeObject> {
  /** What is measured. */
  readonly type: ResourceType<T>;
  /** Of the answer. */
  readonly kind: string;
  /** For each object its metrics, or undefined. */
  metricsOf(objects: readonly T[], env: Env): Promise<(Metrics | undefined)[]>;
}

function handlerOf<T extends KubeObject>(measurable: Measurable<T>): SpecialHandler {
  return {
    group: metricsGroup,
    resource: measurable.type.resource,
    subresource: '',
    verbs: ['get', 'list'],
    handle(context) {
      const route = context.info.verb === 'list' ? 'collection' : 'object';
      context.checkAccept({ tables: true, route });
      return route === 'collection' ? answerList(measurable, context) : answerOne(measurable, context);
    },
  };
}

async function answerOne<T extends KubeObject>(
  { type, kind, metricsOf }: Measurable<T>,
  context: HandlerContext,
) {
  const { namespace, name } = context.info;
  const object = readObject(context.reader, type, type.namespaced ? namespace : '', name);
  if (!object) throw notFound(type, name);
  const [metrics] = await metricsOf([object], context.env);
  // metrics-server's words for what it has not measured yet.
  if (!metrics) {
    const resource = kind.toLowerCase();
    throw notFound({ group: metricsGroup, resource }, type.namespaced ? `${namespace}/${name}` : name);
  }
  return context.answer(200, { kind, apiVersion, ...metrics });
}

async function answerList<T extends KubeObject>(
  { type, kind, metricsOf }: Measurable<T>,
  context: HandlerContext,
) {
  const { query, selectors, namespace } = context.info;
  // Only for its errors: limits and revisions do not apply to computed objects.
  readListParams(query);
  const selection = selectionOf({ strategy: {} }, type.namespaced ? namespace : '', selectors);
  const selected = await selectObjects(context, type, selection);
  const found = await metricsOf(selected, context.env);
  const items = found.filter((metrics) => metrics !== undefined).sort(byName);
  return context.answer(200, { kind: `${kind}List`, apiVersion, metadata: {}, items });
}

function byName(a: Metrics, b: Metrics): number {
  const key = ({ metadata: { namespace = '', name } }: Metrics) => `${namespace}/${name}`;
  return key(a) < key(b) ? -1 : 1;
}
