/**
 * The watchers of one resource, in groups that ask the same. A change is offered only to the groups it can
 * concern: those that want one value of a field are found by it, so that a change of one pod is not offered
 * to every node's watch.
 */

import type { CacheEvent } from './cache-event.ts';
import { type WatchFilter, WatchGroup } from './watch-group.ts';

export class WatchGroups {
  readonly #byKey = new Map<string, WatchGroup>();
  /** By `field=value`. */
  readonly #triggered = new Map<string, Set<WatchGroup>>();
  /** How many groups are found by each field. */
  readonly #triggerFields = new Map<string, number>();
  readonly #untriggered = new Set<WatchGroup>();
  readonly #withNews = new Set<WatchGroup>();
  #isClosed = false;
  #generation = 0;

  /** Changes with each `restart`. */
  get generation(): number {
    return this.#generation;
  }

  /** The resource is served no longer. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** After `close` the group is one whose members end at once. */
  join(filter: WatchFilter): WatchGroup {
    const known = this.#byKey.get(filter.key);
    if (known && !known.isBroken) return known;
    if (known) {
      // The members find the group broken, and end.
      for (const member of known.members) member.pump();
      this.#remove(known);
    }
    const group = new WatchGroup(filter);
    group.isBroken = this.#isClosed;
    this.#byKey.set(filter.key, group);
    this.#file(group);
    return group;
  }

  /** Removes the group when its last member has left. */
  leave(group: WatchGroup): void {
    if (group.members.size === 0 && this.#byKey.get(group.filter.key) === group) this.#remove(group);
  }

  /** Returns true when a watcher has something to send. */
  offer(event: CacheEvent): boolean {
    let wanted = false;
    for (const group of this.#untriggered) if (this.#offerTo(group, event)) wanted = true;
    for (const field of this.#triggerFields.keys()) {
      const now = event.current?.field(field);
      const before = event.previous?.field(field);
      if (now !== undefined && this.#offerTriggered(`${field}=${now}`, event)) wanted = true;
      if (before !== undefined && before !== now && this.#offerTriggered(`${field}=${before}`, event)) {
        wanted = true;
      }
    }
    return wanted;
  }

  /** Serves the members of every group that has something new. */
  pump(): void {
    if (this.#withNews.size === 0) return;
    const groups = [...this.#withNews];
    this.#withNews.clear();
    for (const group of groups) group.pump();
  }

  /** Every watcher is notified that it has missed events. */
  end(): void {
    for (const group of [...this.#byKey.values()]) {
      group.isBroken = true;
      for (const member of [...group.members]) member.pump();
    }
  }

  /** Every watcher ends, to come back: what it is shown is no longer what is served. */
  restart(): void {
    this.#generation++;
    this.end();
  }

  /** Every watcher ends, also one that is still on its way here. */
  close(): void {
    this.#isClosed = true;
    this.end();
  }

  #file(group: WatchGroup): void {
    const { trigger } = group.filter;
    if (!trigger) {
      this.#untriggered.add(group);
      return;
    }
    const { field, value } = trigger;
    const key = `${field}=${value}`;
    this.#triggerFields.set(field, (this.#triggerFields.get(field) ?? 0) + 1);
    this.#triggered.set(key, (this.#triggered.get(key) ?? new Set()).add(group));
  }

  #remove(group: WatchGroup): void {
    if (!this.#byKey.delete(group.filter.key)) return;
    this.#untriggered.delete(group);
    if (!group.filter.trigger) return;
    const { field, value } = group.filter.trigger;
    const left = this.#triggerFields.get(field)! - 1;
    if (left > 0) this.#triggerFields.set(field, left);
    else this.#triggerFields.delete(field);
    const same = this.#triggered.get(`${field}=${value}`);
    same?.delete(group);
    if (same?.size === 0) this.#triggered.delete(`${field}=${value}`);
  }

  #offerTriggered(trigger: string, event: CacheEvent): boolean {
    let wanted = false;
    for (const group of this.#triggered.get(trigger) ?? []) if (this.#offerTo(group, event)) wanted = true;
    return wanted;
  }

  #offerTo(group: WatchGroup, event: CacheEvent): boolean {
    if (!group.offer(event)) return false;
    this.#withNews.add(group);
    return true;
  }
}
