/**
 * What each quota counts in its namespace, counted once and then kept true by each change the cache sees: asking costs the same
 * for ten pods and for a hundred thousand. A first count of many objects is done in turns.
 */

import { resourceQuotas } from '#api/generated/kinds.gen.ts';
import type { ResourceQuota } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { matchesScopes } from '#api/quota/scopes.ts';
import { type Usage, usageOf } from '#api/quota/usage.ts';
import { parseQuantity, type Quantity, zeroQuantity } from '#api/values/quantity.ts';
import type { Clock } from '#base/clock.ts';
import { Turns } from '#base/turns.ts';
import type { ObjectFeed } from '../../contract/contract.ts';

export class QuotaLedgers {
  readonly #feed: ObjectFeed;
  readonly #clock: Clock;
  /** By counted resource and namespace, then by the quota's name. */
  readonly #ledgers = new Map<string, Map<string, Ledger>>();
  readonly #followed = new Set<string>();

  constructor(feed: ObjectFeed, clock: Clock) {
    this.#feed = feed;
    this.#clock = clock;
  }

  /** A promise while it is still being counted: ask again then. */
  used(quota: ResourceQuota, type: ResourceType): ReadonlyMap<string, Quantity> | Promise<void> {
    const { name = '', namespace = '' } = quota.metadata ?? {};
    const place = placeOf(type, namespace);
    this.#follow(type);
    const known = this.#ledgers.get(place)?.get(name);
    if (known?.isOf(quota)) return known.counting ?? known.sums;
    const ledger = new Ledger(quota, type);
    this.#ledgers.set(place, (this.#ledgers.get(place) ?? new Map()).set(name, ledger));
    ledger.counting = this.#count(ledger, namespace).then(
      () => {
        ledger.counting = undefined;
      },
      (error) => {
        this.#drop(place, name, ledger);
        throw error;
      },
    );
    return ledger.counting;
  }

  /** What could not be kept true is counted from the start when it is asked for again. */
  #drop(place: string, name: string, ledger: Ledger): void {
    const ledgers = this.#ledgers.get(place);
    if (ledgers?.get(name) !== ledger) return;
    ledgers.delete(name);
    if (ledgers.size === 0) this.#ledgers.delete(place);
  }

  async #count(ledger: Ledger, namespace: string): Promise<void> {
    const turns = new Turns(this.#clock);
    for (const entry of this.#feed.entries(ledger.type, namespace)) {
      if (turns.isSpent) await turns.next();
      ledger.countFirst(entry.name, entry);
    }
  }

  #follow(type: ResourceType): void {
    if (this.#followed.size === 0) this.#forgetDeletedQuotas();
    const key = placeOf(type, '');
    if (this.#followed.has(key)) return;
    this.#followed.add(key);
    this.#feed.follow(type, {
      changed: (namespace, name, entry) => {
        const place = placeOf(type, namespace);
        for (const [quotaName, ledger] of this.#ledgers.get(place) ?? []) {
          try {
            ledger.set(name, entry?.object());
          } catch {
            this.#drop(place, quotaName, ledger);
          }
        }
      },
      reloaded: () => {
        for (const place of this.#ledgers.keys()) if (place.startsWith(key)) this.#ledgers.delete(place);
      },
    });
  }

  #forgetDeletedQuotas(): void {
    this.#feed.follow(resourceQuotas, {
      changed: (namespace, name, entry) => {
        if (entry) return;
        for (const [place, ledgers] of this.#ledgers) {
          if (!place.endsWith(`|${namespace}`) || !ledgers.delete(name)) continue;
          if (ledgers.size === 0) this.#ledgers.delete(place);
        }
      },
      reloaded() {},
    });
  }
}

function placeOf({ group, resource }: ResourceType, namespace: string): string {
  return `${group}/${resource}|${namespace}`;
}

class Ledger {
  readonly type: ResourceType;
  readonly sums = new Map<string, Quantity>();
  /** Until every object has been counted. */
  counting: Promise<void> | undefined;
  readonly #quota: ResourceQuota;
  readonly #spec: string;
  /** By the object's name; empty for what does not count, or is gone since the count began. */
  readonly #usages = new Map<string, Usage>();

  constructor(quota: ResourceQuota, type: ResourceType) {
    this.type = type;
    this.#quota = quota;
    this.#spec = JSON.stringify(quota.spec);
  }

  isOf(quota: ResourceQuota): boolean {
    if (quota === this.#quota) return true;
    return quota.metadata?.uid === this.#quota.metadata?.uid && JSON.stringify(quota.spec) === this.#spec;
  }

  /** What has changed since the count began is known better already. */
  countFirst(name: string, entry: { object(): AnyObject }): void {
    if (!this.#usages.has(name)) this.set(name, entry.object());
  }

  set(name: string, object: AnyObject | undefined): void {
    const usage = object ? quotaUsage(this.#quota, this.type, object) : {};
    const added = amountsOf(usage);
    for (const [key, amount] of amountsOf(this.#usages.get(name) ?? {})) {
      this.sums.set(key, this.#sum(key).sub(amount));
    }
    for (const [key, amount] of added) this.sums.set(key, this.#sum(key).add(amount));
    if (object || this.counting) this.#usages.set(name, usage);
    else this.#usages.delete(name);
  }

  #sum(key: string): Quantity {
    return this.sums.get(key) ?? zeroQuantity;
  }
}

function amountsOf(usage: Usage): [string, Quantity][] {
  return Object.entries(usage).map(([key, value]) => [key, parseQuantity(value)]);
}

/** How much of what `quota` limits the object uses; nothing when the quota does not count it. */
export function quotaUsage(quota: ResourceQuota, type: ResourceType, object: AnyObject): Usage {
  if (!matchesScopes(quota, type, object)) return {};
  const hard = quota.spec?.hard ?? {};
  return Object.fromEntries(
    Object.entries(usageOf(type, object)).filter(([key]) => Object.hasOwn(hard, key)),
  );
}
