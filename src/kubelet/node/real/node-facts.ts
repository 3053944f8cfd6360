/** What a real node reports of its machine: labels, capacity, what pods may have of it, and the system. */

import type { KubeletConfiguration } from '#api/configuration/kubelet/kubelet-configuration.ts';
import type { Taint } from '#api/generated/types.gen.ts';
import type { MachineFacts } from '#host/kernel/machine-facts.ts';
import type { NodeFacts } from '../status.ts';
import { allocatableOf, excessiveReservation } from './allocatable.ts';

export interface NodeFactsOptions {
  readonly nodeName: string;
  readonly nodeIp: string;
  /** Put over the labels that every node has. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Of a Node that is registered for the first time. */
  readonly taints?: readonly Taint[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly config: KubeletConfiguration;
}

/** Throws when more is reserved than the machine has, as upstream's kubelet. */
export function nodeCapacity(
  { reserved, eviction, podsMax }: KubeletConfiguration,
  machine: MachineFacts,
): Record<string, string> {
  const capacity = capacityOf(machine, podsMax);
  const excess = excessiveReservation(capacity, reserved, eviction.thresholds);
  if (excess) throw new Error(`invalid Node Allocatable configuration. ${excess}`);
  return capacity;
}

/** `port`: the kubelet server's. Throws as `nodeCapacity`. */
export function nodeFacts(options: NodeFactsOptions, machine: MachineFacts, port: number): NodeFacts {
  const { nodeName, nodeIp, labels, taints, annotations, config } = options;
  const { reserved, eviction } = config;
  const capacity = nodeCapacity(config, machine);
  return {
    nodeName,
    nodeIp,
    port,
    labels: {
      'kubernetes.io/hostname': nodeName,
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': machine.architecture,
      'beta.kubernetes.io/os': 'linux',
      'beta.kubernetes.io/arch': machine.architecture,
      ...labels,
    },
    ...(taints ? { taints } : {}),
    ...(annotations ? { annotations } : {}),
    capacity,
    allocatable: allocatableOf(capacity, reserved, eviction.thresholds),
    system: {
      machineID: machine.machineId,
      systemUUID: machine.systemUuid,
      bootID: machine.bootId,
      kernelVersion: machine.kernelVersion,
      osImage: machine.osImage,
      architecture: machine.architecture,
      ...(machine.swapBytes > 0 ? { swap: { capacity: machine.swapBytes } } : {}),
    },
  };
}

function capacityOf(machine: MachineFacts, podsMax: number): Record<string, string> {
  return {
    cpu: String(machine.cpus),
    memory: kibibytes(machine.memoryBytes),
    'ephemeral-storage': kibibytes(machine.diskBytes),
    pods: String(podsMax),
    // Listed even when there are none, as upstream.
    ...Object.fromEntries(
      machine.hugePages.map(({ size, bytes }) => [`hugepages-${size}`, kibibytes(bytes)]),
    ),
  };
}

function kibibytes(bytes: number): string {
  return bytes === 0 ? '0' : `${Math.floor(bytes / 1024)}Ki`;
}
