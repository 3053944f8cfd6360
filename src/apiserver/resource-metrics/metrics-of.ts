/** The metrics objects of nodes and pods, made of measured stats. */

import type { Node, Pod } from '#api/generated/types.gen.ts';
import { goDurationText } from '#api/go/duration.ts';
import type { AnyObject, KubeObject } from '#api/meta/object.ts';
import type { NodeMetrics, PodMetrics, ResourceUsage } from '#api/resource-metrics/kinds.ts';
import { Quantity } from '#api/values/quantity.ts';
import { rfc3339 } from '#base/clock.ts';
import type { MeasuredUsage, NodeStats } from '../contract/usage-source.ts';

type Named<T> = T & AnyObject & { readonly metadata: { readonly namespace?: string; readonly name: string } };
export type Metrics = Named<NodeMetrics> | Named<PodMetrics>;

type ByNode = ReadonlyMap<string, NodeStats>;

/** Undefined for a node without stats. */
export function nodeMetricsOf(node: Node, stats: ByNode, nowMs: number): Named<NodeMetrics> | undefined {
  const measured = stats.get(node.metadata?.name ?? '')?.node;
  if (!measured) return undefined;
  return { metadata: metadataOf(node, nowMs), ...intervalOf(measured), usage: usageOf(measured) };
}

/** Undefined for a pod without stats. */
export function podMetricsOf(pod: Pod, stats: ByNode, nowMs: number): Named<PodMetrics> | undefined {
  const { namespace = '', name = '' } = pod.metadata ?? {};
  const containers = stats.get(pod.spec?.nodeName ?? '')?.pods.get(`${namespace}/${name}`);
  const [first] = containers ?? [];
  if (!containers || !first) return undefined;
  return {
    metadata: metadataOf(pod, nowMs),
    ...intervalOf(first),
    containers: containers.map((container) => ({ name: container.name, usage: usageOf(container) })),
  };
}

/** As metrics-server: the labels of the object, and the time of the request as that of creation. */
function metadataOf({ metadata }: KubeObject, nowMs: number) {
  const { name = '', namespace, labels } = metadata ?? {};
  return {
    name,
    ...(namespace ? { namespace } : {}),
    creationTimestamp: rfc3339(nowMs),
    ...(labels ? { labels } : {}),
  };
}

function intervalOf({ timestampMs, windowMs }: MeasuredUsage) {
  return { timestamp: rfc3339(timestampMs), window: goDurationText(windowMs) };
}

const nano = -9;

function usageOf({ cpuNanoCores, memoryBytes }: MeasuredUsage): ResourceUsage {
  return {
    cpu: String(new Quantity(BigInt(Math.floor(cpuNanoCores)), nano, 'DecimalSI')),
    memory: String(new Quantity(BigInt(Math.floor(memoryBytes)), 0, 'BinarySI')),
  };
}
