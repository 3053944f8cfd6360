/** The devices of one resource as its plugin lists them, and what the plugin gives a container for them. */

import type { Message } from '../../grpc/service-types.ts';

export interface Device {
  readonly id: string;
  /** As the plugin says: `Healthy`, or anything else. */
  readonly health: string;
  /** The NUMA nodes that it is near to; empty for a device without topology. */
  readonly numaNodes: readonly number[];
}

/** A device of a resource, as the pod resources API answers it. */
export interface PlacedDevice {
  readonly resource: string;
  readonly id: string;
  /** Empty without topology. */
  readonly numaNodes: readonly number[];
}

/** The answer of a plugin's Allocate for one container. */
export interface AllocateAnswer {
  readonly envs: Readonly<Record<string, string>>;
  readonly mounts: readonly { containerPath: string; hostPath: string; readOnly: boolean }[];
  readonly devices: readonly { containerPath: string; hostPath: string; permissions: string }[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly cdiDevices: readonly { name: string }[];
}

export function isHealthy({ health }: Device): boolean {
  return health === 'Healthy';
}

/** Of a response of ListAndWatch. */
export function listedDevices(response: Message): Device[] {
  const { devices } = response as { devices: { ID: string; health: string; topology: Topology | null }[] };
  return devices.map(({ ID: id, health, topology }) => ({
    id,
    health,
    numaNodes: topology?.nodes.map(({ ID: node }) => node) ?? [],
  }));
}

interface Topology {
  readonly nodes: readonly { ID: number }[];
}
