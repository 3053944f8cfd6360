/**
 * `/stats/summary`: what a node, its pods, containers and volumes use, in upstream's shape. A simulated node has CPU,
 * memory and an empty file system of its capacity. With `only_cpu_and_memory` no folders are walked through.
 */

import { quantityValue } from '#api/values/quantity.ts';
import { rfc3339 } from '#base/clock.ts';
import type { DiskUse } from '#host/files/disk-use.ts';
import type { KubeNode } from '../../node/kube-node.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { InspectedGroup } from '../../usage/inspected-groups.ts';
import type { StorageUse } from '../../usage/machine.ts';
import type { NodeStats } from '../../usage/node-stats.ts';
import type { MeasuredContainer, Usage } from '../../usage/usage.ts';
import type { VolumeUse } from '../../usage/volume-uses.ts';
import { fileSystemStats, networkStats, usageStats } from './stats-parts.ts';

export async function statsSummary(node: KubeNode, onlyCpuAndMemory: boolean): Promise<object> {
  const use = await node.usage.rates();
  const time = rfc3339(use.atMs);
  const machine = node.machineUsage;
  const groups = machine ? await machine.inspect() : [];
  const stats = machine && !onlyCpuAndMemory ? await machine.stats() : undefined;
  const storage = machine && !onlyCpuAndMemory ? await machine.storageUses() : undefined;
  const volumes = machine && !onlyCpuAndMemory ? await machine.volumeUses() : undefined;
  const written = stats ? await writtenBy(node) : new Map<string, DiskUse>();
  const memoryBytes = machine?.facts.memoryBytes ?? capacityOf(node, 'memory');
  const context = { time, groups, stats, storage, volumes, written, memoryBytes };
  const simulated = machine || onlyCpuAndMemory ? {} : simulatedFs(node, time);
  const byPod = Map.groupBy(use.containers, ({ pod }) => pod.metadata.uid);
  const pods = node.pods().filter(({ metadata }) => byPod.has(metadata.uid));
  return {
    node: { nodeName: node.name, ...nodeStats(use.node, context), ...simulated },
    pods: await Promise.all(
      pods.map((pod) => podStats(node, pod, byPod.get(pod.metadata.uid) ?? [], context)),
    ),
  };
}

function capacityOf({ capacity }: KubeNode, resource: string): number | undefined {
  const amount = capacity[resource];
  return amount === undefined ? undefined : quantityValue(amount);
}

/** Simulated containers write nothing. */
function simulatedFs(node: KubeNode, time: string): object {
  const capacity = capacityOf(node, 'ephemeral-storage');
  if (capacity === undefined) return {};
  return { fs: fileSystemStats({ bytes: { capacity, available: capacity }, inodes: undefined }, time) };
}

interface Context {
  readonly time: string;
  readonly groups: readonly InspectedGroup[];
  /** Absent where they are not asked for, or where there is no machine. */
  readonly stats: NodeStats | undefined;
  /** By the uid of the pod. */
  readonly storage: ReadonlyMap<string, StorageUse> | undefined;
  readonly volumes: ReadonlyMap<string, readonly VolumeUse[]> | undefined;
  /** By container, what it wrote into its own file system. */
  readonly written: ReadonlyMap<string, DiskUse>;
  readonly memoryBytes: number | undefined;
}

async function writtenBy({ runtime }: KubeNode): Promise<ReadonlyMap<string, DiskUse>> {
  const uses = await runtime.listUsage();
  return new Map(
    uses.map(({ containerId, writtenBytes, writtenInodes }) => [
      containerId,
      { bytes: writtenBytes, inodes: writtenInodes },
    ]),
  );
}

function nodeStats(usage: Usage, { time, stats, groups, memoryBytes }: Context): object {
  const root = groups.find(({ id }) => id === '/');
  const own = usageStats(usage, time, memoryBytes, root?.details.pressure);
  if (!stats) return own;
  const { startedAtMs, nodeFs, imageFs, processes, interfaces } = stats;
  const pods = groups.find(({ id }) => id.endsWith('/kubepods'));
  const systemContainers = pods ? [{ name: 'pods', startTime: null, ...groupStats(pods, time) }] : [];
  return {
    systemContainers,
    startTime: rfc3339(startedAtMs),
    ...own,
    network: networkStats(interfaces, time),
    fs: fileSystemStats(nodeFs, time),
    runtime: { imageFs: fileSystemStats(imageFs, time), containerFs: fileSystemStats(imageFs, time) },
    rlimit: { time, maxpid: processes.capacity, curproc: processes.capacity - processes.available },
  };
}

function groupStats({ usage, details }: InspectedGroup, time: string): object {
  return usageStats(usage, time, details.memory.limitBytes, details.pressure);
}

async function podStats(
  node: KubeNode,
  pod: NodePod,
  containers: readonly MeasuredContainer[],
  context: Context,
): Promise<object> {
  const { name, namespace, uid } = pod.metadata;
  const { time } = context;
  const groups = context.groups.filter((group) => group.pod?.metadata.uid === uid);
  const whole = groups.find(({ runtimeId }) => runtimeId === undefined);
  const stats = whole?.usage ?? (await node.usage.podStats(pod));
  return {
    podRef: { name, namespace, uid },
    startTime: pod.status?.startTime ?? null,
    containers: containers.map((container) => containerStats(container, context)),
    ...(stats
      ? usageStats(
          { ...stats, ...summedRate(containers) },
          time,
          whole?.details.memory.limitBytes,
          whole?.details.pressure,
        )
      : {}),
    ...(whole ? { process_stats: { process_count: processesOf(groups) } } : {}),
    ...ofNetwork(groups, time),
    ...ofStorage(pod, containers, context),
  };
}

function processesOf(groups: readonly InspectedGroup[]): number {
  return groups.reduce((count, { details }) => count + details.processes.length, 0);
}

function ofNetwork(groups: readonly InspectedGroup[], time: string): object {
  const interfaces = groups.find((group) => group.interfaces)?.interfaces;
  return interfaces ? { network: networkStats(interfaces, time) } : {};
}

function ofStorage(
  { metadata: { uid, namespace } }: NodePod,
  containers: readonly MeasuredContainer[],
  { time, stats, storage, volumes, written }: Context,
): object {
  const own = storage?.get(uid);
  if (!stats || !own) return {};
  const all = [
    ...own.emptyDirs.values(),
    ...own.logs.values(),
    ...containers.flatMap(({ id }) => written.get(id) ?? []),
  ].reduce((sum, use) => ({ bytes: sum.bytes + use.bytes, inodes: sum.inodes + use.inodes }), {
    bytes: 0,
    inodes: 0,
  });
  const emptyDirs = Array.from(own.emptyDirs, ([name, use]) => ({
    name,
    ...fileSystemStats(stats.nodeFs, time, use),
  }));
  const measured = (volumes?.get(uid) ?? []).map(({ volume: name, claim, room, use }) => ({
    name,
    ...(claim === undefined ? {} : { pvcRef: { name: claim, namespace } }),
    ...fileSystemStats(room, time, use),
  }));
  const volume = [...emptyDirs, ...measured];
  return {
    ...(volume.length > 0 ? { volume } : {}),
    'ephemeral-storage': fileSystemStats(stats.nodeFs, time, all),
  };
}

function containerStats(container: MeasuredContainer, context: Context): object {
  const { name, id, pod, startedAtMs, usage } = container;
  const { time, groups, stats, storage, written } = context;
  const details = groups.find(({ runtimeId }) => runtimeId === id)?.details;
  const logs = storage?.get(pod.metadata.uid)?.logs.get(name);
  const rootfs = written.get(id);
  return {
    name,
    startTime: rfc3339(startedAtMs),
    ...usageStats(usage, time, details?.memory.limitBytes, details?.pressure),
    ...(stats && rootfs ? { rootfs: fileSystemStats(stats.imageFs, time, rootfs) } : {}),
    ...(stats && logs ? { logs: fileSystemStats(stats.nodeFs, time, logs) } : {}),
  };
}

/** Of a pod: its containers are measured at the same moments. */
function summedRate(containers: readonly MeasuredContainer[]): Pick<Usage, 'rate'> {
  const rates = containers.flatMap(({ usage }) => (usage.rate ? [usage.rate] : []));
  if (rates.length < containers.length || rates.length === 0) return {};
  const nanoCores = rates.reduce((sum, rate) => sum + rate.nanoCores, 0);
  return { rate: { nanoCores, windowMs: Math.min(...rates.map(({ windowMs }) => windowMs)) } };
}
