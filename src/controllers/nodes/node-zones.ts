/**
 * The state of each zone, and the rate at which its failing nodes may be tainted: the larger the failing part
 * of a zone, the likelier the network is at fault and not the nodes.
 *
 * Follows upstream's zone states: nodes that have never reported, and those excluded by a label, do not
 * count.
 */

import type { Node } from '#api/generated/types.gen.ts';
import { nodeCondition } from '#api/nodes/state.ts';

const partialShareMin = 0.55;
const partialNodesMin = 3;
const largeZoneNodesMin = 51;
const evictionsPerSecond = 0.1;
const evictionsPerSecondSlow = 0.01;
const excludedLabel = 'node.kubernetes.io/exclude-disruption';

interface Counts {
  ready: number;
  notReady: number;
}

export function zoneOf(node: Node): string {
  const labels = node.metadata?.labels ?? {};
  const region = labels['topology.kubernetes.io/region'] ?? '';
  return `${region}:${labels['topology.kubernetes.io/zone'] ?? ''}`;
}

export class NodeZones {
  readonly #zones = new Map<string, Counts>();

  add(node: Node): void {
    this.#count(node, 1);
  }

  remove(node: Node): void {
    this.#count(node, -1);
  }

  /** No node at all is ready: it is more likely that the control plane is cut off. */
  get areAllDark(): boolean {
    return [...this.#zones.values()].every(isDark);
  }

  /** How many nodes of a zone may get a new NoExecute taint each second. */
  evictionsPerSecond(zone: string): number {
    if (this.areAllDark) return 0;
    const { ready, notReady } = this.#zones.get(zone) ?? { ready: 0, notReady: 0 };
    const size = ready + notReady;
    const isPartial = ready > 0 && notReady >= partialNodesMin && notReady / size >= partialShareMin;
    if (!isPartial) return evictionsPerSecond;
    return size >= largeZoneNodesMin ? evictionsPerSecondSlow : 0;
  }

  #count(node: Node, by: 1 | -1): void {
    const ready = nodeCondition(node, 'Ready');
    if (!ready || node.metadata?.labels?.[excludedLabel] !== undefined) return;
    const zone = zoneOf(node);
    const counts = this.#zones.get(zone) ?? { ready: 0, notReady: 0 };
    if (ready.status === 'True') counts.ready += by;
    else counts.notReady += by;
    if (counts.ready + counts.notReady === 0) this.#zones.delete(zone);
    else this.#zones.set(zone, counts);
  }
}

function isDark({ ready, notReady }: Counts): boolean {
  return ready === 0 && notReady > 0;
}
