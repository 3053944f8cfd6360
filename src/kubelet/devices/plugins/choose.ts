/**
 * Which devices of a resource a container gets. Follows upstream's `devicesToAllocate` and `filterByAffinity`:
 *
 *   1. devices that init containers of the pod leave behind
 *   2. free devices near to the NUMA nodes of the topology manager: all of them, or where there are more than needed those
 *      that the plugin prefers of them
 *   3. where these are not enough, what the plugin prefers of all free devices
 *   4. free devices near to other nodes, at last those without topology
 */

import { hasNode, type NumaMask } from '../../topology/numa-mask.ts';
import { noNumaNode } from './allocations.ts';
import type { Device } from './device.ts';
import type { PluginResource } from './plugin-resource.ts';

export interface Choosing {
  readonly resource: Pick<PluginResource, 'name' | 'devices' | 'healthy'>;
  readonly count: number;
  readonly reusable: ReadonlySet<string>;
  /** Undefined where the topology manager has no preference. */
  readonly affinity: NumaMask | undefined;
  /** Those of other containers, also of containers whose devices were chosen while a plugin was asked. */
  inUse(): ReadonlySet<string>;
  /** Called in the turn in which the last device is chosen. */
  reserve(ids: ReadonlySet<string>): void;
  /** Asks the plugin; undefined where it has no preferences. */
  prefer(available: string[], mustInclude: string[], size: number): Promise<readonly string[]> | undefined;
}

/** Rejects, with upstream's words, when too few are free. */
export async function chooseDevices(choosing: Choosing): Promise<ReadonlySet<string>> {
  const chosen = new Choice(choosing.count);
  chosen.take(choosing.reusable);
  const free = chosen.missing > 0 ? freeDevices(choosing, chosen) : none;
  const hasChoice = chosen.missing < free.aligned.length;
  if (!hasChoice) chosen.take(free.aligned);
  const asked = chosen.missing > 0 ? ask(choosing, chosen, hasChoice ? free.aligned : free.all) : undefined;
  if (asked) {
    const preferred = new Set(await asked);
    // Others may have been given devices while the plugin was asked.
    const now = freeDevices(choosing, chosen);
    chosen.take((hasChoice ? now.aligned : now.all).filter((id) => preferred.has(id)));
    chosen.take(now.all);
  }
  chosen.take(free.all);
  choosing.reserve(chosen.ids);
  return chosen.ids;
}

const none: FreeDevices = { aligned: [], all: [] };

function ask({ prefer, count }: Choosing, { ids }: Choice, free: readonly string[]) {
  return prefer([...new Set([...ids, ...free])], [...ids], count);
}

class Choice {
  readonly ids = new Set<string>();
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
  }

  get missing(): number {
    return this.#count - this.ids.size;
  }

  take(ids: Iterable<string>): void {
    for (const id of ids) {
      if (this.missing === 0) return;
      this.ids.add(id);
    }
  }
}

interface FreeDevices {
  readonly aligned: readonly string[];
  /** The aligned ones first, then those of other nodes, then those without topology. */
  readonly all: readonly string[];
}

function freeDevices(choosing: Choosing, { ids, missing }: Choice): FreeDevices {
  const { resource, affinity } = choosing;
  const inUse = choosing.inUse();
  const free = [...resource.healthy.values()].filter(({ id }) => !inUse.has(id) && !ids.has(id));
  if (free.length < missing) {
    throw new Error(
      `requested number of devices unavailable for ${resource.name}. ` +
        `Requested: ${missing}, Available: ${free.length}`,
    );
  }
  const hasTopology = [...resource.devices.values()].some(({ numaNodes }) => numaNodes.length > 0);
  const all = free.map(({ id }) => id);
  if (affinity === undefined || !hasTopology) return { aligned: [], all };
  const place = ({ numaNodes }: Device) => placeOf(numaNodes, affinity);
  const at = (wanted: Place) => free.filter((device) => place(device) === wanted).map(({ id }) => id);
  const aligned = at('aligned');
  return { aligned, all: [...aligned, ...at('elsewhere'), ...at('anywhere')] };
}

type Place = 'aligned' | 'elsewhere' | 'anywhere';

function placeOf(numaNodes: readonly number[], affinity: NumaMask): Place {
  if (numaNodes.length === 0) return 'anywhere';
  return numaNodes.some((node) => hasNode(affinity, node)) ? 'aligned' : 'elsewhere';
}

/** The chosen ids by NUMA node, as allocations are kept. */
export function byNumaNode(
  devices: ReadonlyMap<string, Device>,
  ids: Iterable<string>,
): Map<number, string[]> {
  const byNode = new Map<number, string[]>();
  for (const id of ids) {
    const nodes = devices.get(id)?.numaNodes ?? [];
    for (const node of nodes.length > 0 ? nodes : [noNumaNode]) {
      const there = byNode.get(node);
      if (there) there.push(id);
      else byNode.set(node, [id]);
    }
  }
  return byNode;
}
