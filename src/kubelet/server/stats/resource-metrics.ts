/**
 * What nodes, pods and containers use, as the metrics server and Prometheus read it from `/metrics/resource`: names,
 * labels and units are upstream's.
 */

import { Exposition, type Labels } from '#base/metrics/exposition.ts';
import type { KubeNode } from '../../node/kube-node.ts';
import type { GroupStats } from '../../usage/usage.ts';

const nanosPerSecond = 1e9;

const families = [
  ['node_cpu_usage_seconds_total', 'counter', 'CPU time of the node, in core-seconds'],
  ['node_memory_working_set_bytes', 'gauge', 'Working set of the node, in bytes'],
  ['node_swap_usage_bytes', 'gauge', 'Swap that the node uses, in bytes'],
  ['container_start_time_seconds', 'gauge', 'When the container was started, in seconds of the Unix epoch'],
  ['container_cpu_usage_seconds_total', 'counter', 'CPU time of the container, in core-seconds'],
  ['container_memory_working_set_bytes', 'gauge', 'Working set of the container, in bytes'],
  ['container_swap_usage_bytes', 'gauge', 'Swap that the container uses, in bytes'],
  ['pod_cpu_usage_seconds_total', 'counter', 'CPU time of the pod, in core-seconds'],
  ['pod_memory_working_set_bytes', 'gauge', 'Working set of the pod, in bytes'],
  ['pod_swap_usage_bytes', 'gauge', 'Swap that the pod uses, in bytes'],
  ['scrape_error', 'gauge', '1 when the stats of a node could not be read, otherwise 0'],
  ['resource_scrape_error', 'gauge', '1 when the stats of a node could not be read, otherwise 0'],
] as const;

export async function resourceMetricsText(nodes: readonly KubeNode[]): Promise<string> {
  const exposition = new Exposition();
  for (const [name, type, help] of families) exposition.declare(name, type, help);
  const failed = await Promise.all(nodes.map((node) => addNode(exposition, node)));
  const value = failed.includes(true) ? 1 : 0;
  for (const name of ['scrape_error', 'resource_scrape_error']) exposition.add(name, { labels: {}, value });
  return exposition.text;
}

/** True when the node's stats could not be read. */
async function addNode(exposition: Exposition, node: KubeNode): Promise<boolean> {
  const use = await node.usage.stats().catch(() => undefined);
  if (!use) return true;
  const { atMs } = use;
  const add = (kind: string, labels: Labels, { cpuNanos, workingSetBytes, swapBytes }: GroupStats) => {
    const value = cpuNanos / nanosPerSecond;
    exposition.add(`${kind}_cpu_usage_seconds_total`, { labels, value, atMs });
    exposition.add(`${kind}_memory_working_set_bytes`, { labels, value: workingSetBytes, atMs });
    if (swapBytes === undefined) return;
    exposition.add(`${kind}_swap_usage_bytes`, { labels, value: swapBytes, atMs });
  };
  add('node', {}, use.node);
  const byPod = Map.groupBy(use.containers, ({ pod }) => pod);
  for (const [pod, containers] of byPod) {
    const { name = '', namespace = '' } = pod.metadata;
    const labels = { namespace, pod: name };
    for (const { name: container, usage, startedAtMs } of containers) {
      const own = { container, ...labels };
      exposition.add('container_start_time_seconds', { labels: own, value: startedAtMs / msPerSecond });
      add('container', own, usage);
    }
    const whole = await node.usage.podStats(pod);
    if (whole) add('pod', labels, whole);
  }
  return false;
}

const msPerSecond = 1000;
