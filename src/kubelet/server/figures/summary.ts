/** What a node and its pods use, in the shape of the kubelet's summary. */

import { rfc3339 } from '#base/clock.ts';
import type { KubeNode } from '../../node.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { ContainerUse, Figures, Usage } from '../../usage/usage.ts';

export async function statsSummary(node: KubeNode): Promise<object> {
  const { atMs, node: whole, containers } = await node.usage.rates();
  const time = rfc3339(atMs);
  const byPod = Map.groupBy(containers, ({ pod }) => pod.metadata.uid);
  const pods = node.pods().map((pod) => podStats(node, pod, byPod.get(pod.metadata.uid) ?? [], time));
  return { node: { nodeName: node.name, ...figures(whole, time) }, pods: await Promise.all(pods) };
}

async function podStats(node: KubeNode, pod: NodePod, containers: readonly ContainerUse[], time: string) {
  const whole = await node.usage.podFigures(pod);
  const { name, namespace, uid } = pod.metadata;
  return {
    podRef: { name, namespace, uid },
    startTime: pod.status?.startTime ?? null,
    containers: containers.map((container) => ({
      name: container.name,
      startTime: rfc3339(container.startedAtMs),
      ...figures(container.usage, time),
    })),
    ...(whole ? figures({ ...whole, ...summedRate(containers) }, time) : {}),
  };
}

/** Of a pod: its containers are measured at the same moments. */
function summedRate(containers: readonly ContainerUse[]): Pick<Usage, 'rate'> {
  const rates = containers.flatMap(({ usage }) => (usage.rate ? [usage.rate] : []));
  if (rates.length < containers.length || rates.length === 0) return {};
  const nanoCores = rates.reduce((sum, rate) => sum + rate.nanoCores, 0);
  return { rate: { nanoCores, windowMs: Math.min(...rates.map(({ windowMs }) => windowMs)) } };
}

function figures(usage: Figures & Pick<Usage, 'rate'>, time: string): object {
  const { cpuNanos, rate, memoryBytes, workingSetBytes, rssBytes, pageFaults, majorPageFaults } = usage;
  return {
    cpu: {
      time,
      ...(rate ? { usageNanoCores: rate.nanoCores } : {}),
      usageCoreNanoSeconds: Math.floor(cpuNanos),
    },
    memory: { time, usageBytes: memoryBytes, workingSetBytes, rssBytes, pageFaults, majorPageFaults },
    ...(usage.swapBytes === undefined ? {} : { swap: { time, swapUsageBytes: usage.swapBytes } }),
  };
}
