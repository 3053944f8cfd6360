/** NodeMetrics and PodMetrics: CPU and memory in use, computed on each request; the columns are metrics-server's. */

import { nameOf } from '../kind/cells.ts';
import { defineKind } from '../kind/define-kind.ts';
import { column, nameColumn } from '../kind/printer.ts';
import type { KubeObject } from '../meta/object.ts';
import { resourceType } from '../meta/resource.ts';
import { parseQuantity, zeroQuantity } from '../values/quantity.ts';
import { metricsGroup, metricsVersion } from './schema.ts';

/** Quantities: `cpu` in cores, `memory` the working set in bytes. */
export type ResourceUsage = Readonly<Record<'cpu' | 'memory', string>>;

interface Measured extends KubeObject {
  /** The end of the window. */
  readonly timestamp: string;
  /** As Go writes durations: `15.2s`. */
  readonly window: string;
}

export interface NodeMetrics extends Measured {
  readonly usage: ResourceUsage;
}

export interface PodMetrics extends Measured {
  readonly containers: readonly { readonly name: string; readonly usage: ResourceUsage }[];
}

export const nodeMetricses = resourceType<NodeMetrics>(
  metricsGroup,
  metricsVersion,
  'nodes',
  'NodeMetrics',
  false,
);
export const podMetricses = resourceType<PodMetrics>(
  metricsGroup,
  metricsVersion,
  'pods',
  'PodMetrics',
  true,
);

const columns = [
  nameColumn,
  column('cpu', 'string', 0, 'quantity'),
  column('memory', 'string', 0, 'quantity'),
  column('Window', 'string', 0, 'duration'),
];

export const nodeMetrics = defineKind(nodeMetricses, {
  printer: {
    columns,
    cells: (node) => [nameOf(node), node.usage.cpu, node.usage.memory, node.window],
  },
});

export const podMetrics = defineKind(podMetricses, {
  printer: {
    columns,
    cells: (pod) => [nameOf(pod), total(pod, 'cpu'), total(pod, 'memory'), pod.window],
  },
});

function total({ containers }: PodMetrics, resource: keyof ResourceUsage): string {
  const amounts = containers.map(({ usage }) => parseQuantity(usage[resource]));
  return String(amounts.reduce((sum, amount) => sum.add(amount), zeroQuantity));
}
