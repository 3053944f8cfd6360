/** Where the metrics API of a cluster gets its stats: the kubelets of this process, asked without a network. */

import type { ContainerStats, NodeStats, UsageSource } from '#apiserver/contract/usage-source.ts';
import { keyOf } from '#client/controllers/queue-key.ts';
import type { KubeNode } from '#kubelet/node/kube-node.ts';
import type { MeasuredContainer, Usage } from '#kubelet/usage/usage.ts';

export class KubeletUsage implements UsageSource {
  readonly #nodes = new Map<string, KubeNode>();

  add(node: KubeNode): void {
    this.#nodes.set(node.name, node);
  }

  async read(nodeName: string): Promise<NodeStats | undefined> {
    const use = await this.#nodes.get(nodeName)?.usage.rates();
    if (!use) return undefined;
    const node = measured(use.node, use.atMs);
    const pods = new Map<string, readonly ContainerStats[]>();
    for (const [key, containers] of Map.groupBy(use.containers, ({ pod }) => keyOf(pod))) {
      const stats = statsOf(containers, use.atMs);
      // As metrics-server: a pod is shown with all of its containers or not at all.
      if (stats.length === containers.length) pods.set(key, stats);
    }
    return { ...(node ? { node } : {}), pods };
  }
}

function statsOf(containers: readonly MeasuredContainer[], atMs: number): ContainerStats[] {
  return containers.flatMap(({ name, usage }) => {
    const stats = measured(usage, atMs);
    return stats ? [{ name, ...stats }] : [];
  });
}

function measured({ rate, workingSetBytes }: Usage, timestampMs: number) {
  if (!rate) return undefined;
  return {
    timestampMs,
    windowMs: rate.windowMs,
    cpuNanoCores: rate.nanoCores,
    memoryBytes: workingSetBytes,
  };
}
