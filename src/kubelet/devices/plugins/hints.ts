/** On which NUMA nodes devices of a resource could be had. Upstream: pkg/kubelet/cm/devicemanager/topology_hints.go. */

import { type Hint, preferLeast } from '../../topology/hint.ts';
import { countOf, hasNode, masksOf, type NumaMask } from '../../topology/numa-mask.ts';
import type { Device } from './device.ts';
import type { PluginResource } from './plugin-resource.ts';

export interface DeviceRequest {
  readonly resource: Pick<PluginResource, 'devices' | 'healthy'>;
  readonly count: number;
  /** What the container, or the pod, was allocated before. */
  readonly allocated: ReadonlySet<string>;
  /** Of init containers that have ended. */
  readonly reusable: ReadonlySet<string>;
  readonly inUse: ReadonlySet<string>;
}

/** Undefined where no device has a topology. `machineNodes`: the NUMA nodes of the machine. */
export function deviceHints(request: DeviceRequest, machineNodes: readonly number[]): Hint[] | undefined {
  const { resource, count, allocated, reusable, inUse } = request;
  const { devices, healthy } = resource;
  if (![...devices.values()].some(({ numaNodes }) => numaNodes.length > 0)) return undefined;
  const placed = (ids: Iterable<string>) => [...ids].flatMap((id) => devices.get(id) ?? []);
  if (allocated.size > 0) {
    return allocated.size === count ? hintsOf(request, machineNodes, placed(allocated), []) : [];
  }
  const available = [...healthy.values()].filter(({ id }) => !inUse.has(id));
  const ids = new Set(available.map(({ id }) => id));
  if (ids.union(reusable).size < count) return [];
  return hintsOf(request, machineNodes, available, placed(reusable));
}

function hintsOf(
  { resource, count }: DeviceRequest,
  machineNodes: readonly number[],
  available: readonly Device[],
  reusable: readonly Device[],
): Hint[] {
  const nodes = nodesWithDevices(resource.devices, machineNodes);
  const isNear =
    (mask: NumaMask) =>
    ({ numaNodes }: Pick<Device, 'numaNodes'>) =>
      numaNodes.some((node) => hasNode(mask, node));
  const mustBeNear = reusable.filter(({ numaNodes }) => numaNodes.length > 0);
  const all = countByNodes(resource.devices.values());
  const free = countByNodes(available);
  const near = (mask: NumaMask, counts: readonly DeviceCount[]) =>
    counts.filter(isNear(mask)).reduce((sum, { devices }) => sum + devices, 0);
  let leastNodes = nodes.length;
  const masks: NumaMask[] = [];
  for (const mask of masksOf(nodes)) {
    if (near(mask, all) >= count) leastNodes = Math.min(leastNodes, countOf(mask));
    const matching = mustBeNear.length + near(mask, free);
    if (mustBeNear.every(isNear(mask)) && matching >= count) masks.push(mask);
  }
  return preferLeast(masks, leastNodes);
}

interface DeviceCount extends Pick<Device, 'numaNodes'> {
  devices: number;
}

/** There may be many devices, but they are near to few different sets of nodes. */
function countByNodes(devices: Iterable<Device>): DeviceCount[] {
  const counts = new Map<string, DeviceCount>();
  for (const { numaNodes } of devices) {
    const key = numaNodes.join();
    const known = counts.get(key);
    if (known) known.devices++;
    else counts.set(key, { numaNodes, devices: 1 });
  }
  return [...counts.values()];
}

/** Only these matter; all of the machine where the plugin names none of them. */
function nodesWithDevices(
  devices: ReadonlyMap<string, Device>,
  machineNodes: readonly number[],
): readonly number[] {
  const named = new Set([...devices.values()].flatMap(({ numaNodes }) => numaNodes));
  const nodes = machineNodes.filter((node) => named.has(node)).sort((a, b) => a - b);
  return nodes.length > 0 ? nodes : machineNodes;
}
