/** What the pods of a node use, in the shape of the kubelet's summary. */

import { rfc3339 } from '#base/clock.ts';
import type { KubeNode } from '#kubelet/node.ts';

export async function statsSummary(node: KubeNode, nowMs: number): Promise<object> {
  const usage = await node.runtime.listUsage();
  const time = rfc3339(nowMs);
  const pods = node.pods().map((pod) => {
    const containers = usage.filter((one) => one.podUid === pod.metadata.uid);
    return {
      podRef: { name: pod.metadata.name, namespace: pod.metadata.namespace, uid: pod.metadata.uid },
      startTime: pod.status?.startTime ?? null,
      containers: containers.map((one) => ({
        name: one.name,
        cpu: { time, usageCoreNanoSeconds: one.cpuNanos },
        memory: { time, workingSetBytes: one.memoryBytes },
      })),
    };
  });
  return { node: { nodeName: node.name }, pods };
}
