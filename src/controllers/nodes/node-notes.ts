/**
 * What the node life cycle controller remembers of nodes: when each last reported, and the state of zones.
 */

import type { Node } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { Clock } from '#base/clock.ts';
import { TokenBucket } from '#client/queue/token-bucket.ts';
import { NodeZones, zoneOf } from './node-zones.ts';

interface EvictionLimit {
  readonly bucket: TokenBucket;
  readonly perSecond: number;
}

export class NodeNotes {
  readonly zones = new NodeZones();
  /** Nodes that have been reported as registered. */
  readonly registered = new Map<string, Stored<Node>>();
  /** The loss of readiness for which the pods of a node have been marked. */
  readonly markedFor = new Map<string, string>();
  readonly #clock: Clock;
  readonly #lastSeenMs = new Map<string, number>();
  readonly #limits = new Map<string, EvictionLimit>();
  #wereAllDark = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  seen(name: string): void {
    this.#lastSeenMs.set(name, this.#clock.monotonicMs());
  }

  silentMs(name: string): number {
    return this.#clock.monotonicMs() - (this.#lastSeenMs.get(name) ?? 0);
  }

  forget(name: string): void {
    this.#lastSeenMs.delete(name);
    this.markedFor.delete(name);
  }

  /** Whether all nodes have failed, or the first has recovered, since the last call. */
  hasDarknessChanged(): boolean {
    const { areAllDark } = this.zones;
    const hasChanged = areAllDark !== this.#wereAllDark;
    this.#wereAllDark = areAllDark;
    return hasChanged;
  }

  /** Takes one eviction from the zone's rate; false when none is left. */
  takeEviction(node: Node): boolean {
    const zone = zoneOf(node);
    const perSecond = this.zones.evictionsPerSecond(zone);
    if (perSecond === 0) return false;
    let limit = this.#limits.get(zone);
    if (limit?.perSecond !== perSecond) {
      limit = { bucket: new TokenBucket(this.#clock, perSecond, 1), perSecond };
      this.#limits.set(zone, limit);
    }
    return limit.bucket.tryTake();
  }
}
