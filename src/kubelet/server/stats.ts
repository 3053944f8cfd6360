/** What a node and its pods use, in the shape of the kubelet's summary. */

import { rfc3339 } from '#base/clock.ts';
import type { KubeNode, Usage } from '../node.ts';

export async function statsSummary(node: KubeNode, nowMs: number): Promise<object> {
  const usage = await node.usage();
  const time = rfc3339(nowMs);
  const figures = ({ cpuNanos, memoryBytes }: Usage) => ({
    cpu: { time, usageCoreNanoSeconds: cpuNanos },
    memory: { time, workingSetBytes: memoryBytes },
  });
  const pods = node.pods().map((pod) => {
    const containers = usage.containers.filter((container) => container.podUid === pod.metadata.uid);
    return {
      podRef: { name: pod.metadata.name, namespace: pod.metadata.namespace, uid: pod.metadata.uid },
      startTime: pod.status?.startTime ?? null,
      ...figures(total(containers)),
      containers: containers.map((container) => ({ name: container.name, ...figures(container) })),
    };
  });
  return { node: { nodeName: node.name, ...figures(usage.node) }, pods };
}

function total(list: readonly Usage[]): Usage {
  return {
    cpuNanos: list.reduce((sum, usage) => sum + usage.cpuNanos, 0),
    memoryBytes: list.reduce((sum, usage) => sum + usage.memoryBytes, 0),
  };
}
