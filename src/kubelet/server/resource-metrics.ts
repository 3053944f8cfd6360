/**
 * What nodes, pods and containers use, as the metrics server and Prometheus read it from `/metrics/resource`.
 */

import type { KubeNode } from '../node.ts';

interface Sample {
  readonly labels: string;
  readonly value: number;
}

const nanosPerSecond = 1e9;

export async function resourceMetricsText(nodes: readonly KubeNode[], nowMs: number): Promise<string> {
  const samples = new Map<string, Sample[]>();
  const add = (name: string, labels: string, value: number) => {
    const list = samples.get(name);
    if (list) list.push({ labels, value });
    else samples.set(name, [{ labels, value }]);
  };
  const failed = await Promise.all(nodes.map((node) => addNode(add, node)));
  add('resource_scrape_error', '', failed.includes(true) ? 1 : 0);
  return [...samples].map(([name, list]) => family(name, list, nowMs)).join('');
}

type Add = (name: string, labels: string, value: number) => void;

/** True when the node's runtime did not answer. */
async function addNode(add: Add, node: KubeNode): Promise<boolean> {
  const usage = await node.usage().catch(() => undefined);
  if (!usage) return true;
  add('node_cpu_usage_seconds_total', '', usage.node.cpuNanos / nanosPerSecond);
  add('node_memory_working_set_bytes', '', usage.node.memoryBytes);
  for (const { metadata } of node.pods()) {
    const own = usage.containers.filter((container) => container.podUid === metadata.uid);
    if (own.length === 0) continue;
    const pod = `namespace="${metadata.namespace}",pod="${metadata.name}"`;
    add('pod_cpu_usage_seconds_total', pod, sum(own, 'cpuNanos') / nanosPerSecond);
    add('pod_memory_working_set_bytes', pod, sum(own, 'memoryBytes'));
    for (const { name, cpuNanos, memoryBytes } of own) {
      add('container_cpu_usage_seconds_total', `container="${name}",${pod}`, cpuNanos / nanosPerSecond);
      add('container_memory_working_set_bytes', `container="${name}",${pod}`, memoryBytes);
    }
  }
  return false;
}

function sum<K extends string>(list: readonly Record<K, number>[], key: K): number {
  return list.reduce((total, usage) => total + usage[key], 0);
}

function family(name: string, list: readonly Sample[], nowMs: number): string {
  const type = name.endsWith('_total') ? 'counter' : 'gauge';
  const time = name === 'resource_scrape_error' ? '' : ` ${nowMs}`;
  const lines = list.map(({ labels, value }) => `${name}${labels && `{${labels}}`} ${value}${time}\n`);
  return `# TYPE ${name} ${type}\n${lines.join('')}`;
}
