/**
 * What shares out a real node's processors, memory and devices among its pods, and takes them of the same NUMA nodes.
 * Upstream: pkg/kubelet/cm.
 */

import type { KubeletConfiguration } from '#api/configuration/kubelet/kubelet-configuration.ts';
import { quantityValue } from '#api/values/quantity.ts';
import type { Env } from '#base/env.ts';
import type { Metric } from '#base/metrics/metric.ts';
import type { Client } from '#client/client.ts';
import { readCpuPlaces } from '#host/kernel/cpus/places.ts';
import { readNumaMemory } from '#host/kernel/numa/memory.ts';
import { readNumaNodes } from '#host/kernel/numa/nodes.ts';
import { type NodeClaims, openClaims } from '../../devices/claims/start-claims.ts';
import { DevicePlugins } from '../../devices/plugins/device-plugins.ts';
import type { KubeletRoot } from '../../paths/kubelet-root.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { TopologyMetrics } from '../../topology/metrics.ts';
import { TopologyManager } from '../../topology/topology-manager.ts';
import { type CpuManager, openCpuManager } from '../cpus/cpu-manager.ts';
import { type MemoryManager, openMemoryManager } from '../memory/memory-manager.ts';
import { allocatableOf } from './allocatable.ts';

export interface ResourceManagers {
  /** Absent where containers use all processors. */
  readonly cpus: CpuManager | undefined;
  /** Absent where containers use the memory of all NUMA nodes. */
  readonly memory: MemoryManager | undefined;
  readonly devices: DevicePlugins;
  readonly claims: NodeClaims;
  readonly topology: { readonly manager: TopologyManager; readonly metrics: TopologyMetrics };
}

export interface ManagersOptions {
  readonly env: Env;
  readonly client: Client;
  readonly nodeName: string;
  readonly runtime: Runtime;
  readonly config: KubeletConfiguration;
  /** Their state files lie in it. */
  readonly root: KubeletRoot;
  /** Of the node. */
  readonly capacity: Readonly<Record<string, string>>;
}

/**
 * Starts nothing. Rejects, with upstream's words, when a policy does not fit the machine, or the state of an earlier kubelet
 * does not fit the policy.
 */
export async function openManagers(options: ManagersOptions): Promise<ResourceManagers> {
  const { env, client, nodeName, runtime, config, root } = options;
  const dir = root.machineDir();
  const nodes = await readNumaNodes();
  const cpus = await openCpuManager({ env, runtime, settings: config.cpus, dir, places: readCpuPlaces });
  const keptBytes = keptMemory(options);
  const total = readNumaMemory;
  const memory = await openMemoryManager({ env, settings: config.memory, dir, keptBytes, total });
  const numaNodes = nodes.map(({ id }) => id);
  const devices = await DevicePlugins.open({ env, root, runtime, numaNodes });
  const claims = await openClaims({ env, client, nodeName, dir });
  // In upstream's order.
  const providers = [devices.hintProvider, cpus, memory].filter((provider) => provider !== undefined);
  const metrics = new TopologyMetrics();
  const manager = new TopologyManager(config.topology, nodes, providers, metrics);
  return { cpus, memory, devices, claims, topology: { manager, metrics } };
}

export function managerMetrics(managers: ResourceManagers): readonly Metric[] {
  const { cpus, memory, devices, claims, topology } = managers;
  return [cpus, memory, devices, claims, topology.metrics].flatMap((manager) => manager?.metrics ?? []);
}

/** In bytes, what the node keeps from its pods. */
function keptMemory({ config: { reserved, eviction }, capacity }: ManagersOptions): number {
  const { memory = '0' } = capacity;
  const left = allocatableOf({ memory }, reserved, eviction.thresholds)['memory'];
  return quantityValue(memory) - quantityValue(left);
}
