/** `/metrics` and `/metrics/probes`: what the kubelet counts of its own work, by upstream's names. */

import { isPodTerminal } from '#api/pods/state.ts';
import { metricsPage } from '#base/metrics/exposition.ts';
import { gauge, type Metric, type MetricLabels } from '#base/metrics/metric.ts';
import type { KubeNode } from '../../node/kube-node.ts';
import type { VolumeUse } from '../../usage/volume-uses.ts';

export async function metricsText(nodes: readonly KubeNode[]): Promise<string> {
  return metricsPage([
    ...(await stateMetrics(nodes)),
    ...(await volumeMetrics(nodes)),
    ...merged(
      await Promise.all(nodes.map(async (node) => [...node.metrics, ...(await node.policyMetrics())])),
    ),
  ]);
}

export function probeMetricsText(nodes: readonly KubeNode[]): string {
  return metricsPage(merged(nodes.map(({ probeMetrics }) => probeMetrics)));
}

/** Of the moment. Containers are counted by the runtime's state of them. */
async function stateMetrics(nodes: readonly KubeNode[]): Promise<Metric[]> {
  const listed = await Promise.all(nodes.map(({ runtime }) => runtime.listContainers().catch(() => [])));
  const byState = Map.groupBy(listed.flat(), ({ state }) => state);
  const pods = nodes.flatMap((node) => node.pods().map((pod) => ({ ...pod, status: node.statusOf(pod) })));
  const active = pods.filter((pod) => !isPodTerminal(pod as never));
  const running = new Set((byState.get('running') ?? []).map(({ podUid }) => podUid));
  const count = (name: string, help: string, value: number, labels = {}) =>
    gauge(name, help, () => [[labels, value]]);
  return [
    gauge('kubelet_node_name', 'The name of the node; the value is always 1.', () =>
      nodes.map(({ name }) => [{ node: name }, 1]),
    ),
    count('kubelet_desired_pods', 'Pods that are assigned to the node.', pods.length, { static: '' }),
    count('kubelet_active_pods', 'Pods of the node that have not ended.', active.length, { static: '' }),
    count('kubelet_running_pods', 'Pods with a running container.', running.size),
    gauge('kubelet_running_containers', 'Containers of the runtime, by their state.', () =>
      Array.from(byState, ([state, containers]) => [{ container_state: state }, containers.length]),
    ),
  ];
}

/** Of claims, once for each that a pod of the node uses. */
async function volumeMetrics(nodes: readonly KubeNode[]): Promise<Metric[]> {
  const found = new Map<string, { labels: MetricLabels; volume: VolumeUse }>();
  for (const node of nodes) {
    const uses = await node.machineUsage?.volumeUses();
    for (const { metadata } of uses ? node.pods() : []) {
      for (const volume of uses?.get(metadata.uid) ?? []) {
        if (volume.claim === undefined) continue;
        const labels = { namespace: metadata.namespace ?? '', persistentvolumeclaim: volume.claim };
        found.set(`${labels.namespace}/${volume.claim}`, { labels, volume });
      }
    }
  }
  return volumeStats.map(([name, help, stat]) =>
    gauge(`kubelet_volume_stats_${name}`, help, () =>
      Array.from(found.values(), ({ labels, volume }): [MetricLabels, number][] => {
        const value = stat(volume);
        return value === undefined ? [] : [[labels, value]];
      }).flat(),
    ),
  );
}

type Stat = (volume: VolumeUse) => number | undefined;

const volumeStats: readonly (readonly [name: string, help: string, stat: Stat])[] = [
  ['capacity_bytes', 'The size of the volume.', ({ room }) => room.bytes.capacity],
  ['available_bytes', 'What is available in the volume.', ({ room }) => room.bytes.available],
  [
    'used_bytes',
    'What the volume holds.',
    ({ room: { bytes }, use }) => use?.bytes ?? bytes.capacity - bytes.available,
  ],
  ['inodes', 'The inodes of the volume.', ({ room }) => room.inodes?.capacity],
  ['inodes_free', 'The inodes that are available in the volume.', ({ room }) => room.inodes?.available],
  [
    'inodes_used',
    'The inodes that the volume holds.',
    ({ room: { inodes }, use }) => use?.inodes ?? (inodes && inodes.capacity - inodes.available),
  ],
];

/** One family for each name: a server of many nodes has the same metrics many times. */
function merged(lists: readonly (readonly Metric[])[]): Metric[] {
  return Array.from(Map.groupBy(lists.flat(), ({ name }) => name).values(), (same) => {
    const { name, help, type } = same[0]!;
    return { name, help, type, readings: () => same.flatMap((metric) => [...metric.readings()]) };
  });
}
