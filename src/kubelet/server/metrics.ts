/** A few figures of the kubelet in Prometheus' text format. */

import type { KubeNode } from '../node.ts';

export async function metricsText(nodes: readonly KubeNode[]): Promise<string> {
  const pods = nodes.reduce((sum, node) => sum + node.pods().length, 0);
  const all = await Promise.all(nodes.map((node) => node.runtime.listContainers().catch(() => [])));
  const running = all.flat().filter((container) => container.state === 'running');
  const lines = [
    '# TYPE kubelet_running_pods gauge',
    `kubelet_running_pods ${pods}`,
    '# TYPE kubelet_running_containers gauge',
    `kubelet_running_containers{container_state="running"} ${running.length}`,
  ];
  return `${lines.join('\n')}\n`;
}
