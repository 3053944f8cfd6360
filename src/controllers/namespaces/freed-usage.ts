/**
 * What counted objects that have ended used, for each quota, until the quota's status no longer holds it. It
 * can be given back at once, whatever is reserved for objects that are not stored yet.
 */

import type { ResourceQuota } from '#api/generated/types.gen.ts';
import { parseQuantity, type Quantity, zeroQuantity } from '#api/values/quantity.ts';

type Usage = Readonly<Record<string, string>>;
type Amounts = Map<string, Quantity>;

export class FreedUsage {
  /** By the quota's key, then by name. */
  readonly #byQuota = new Map<string, Amounts>();

  /** An object used `before` and uses `after` now. */
  add(key: string, before: Usage, after: Usage): void {
    for (const [name, amount] of decrease(before, after)) this.#change(key, name, amount);
  }

  /** The quota's status has changed: what it holds less of has been given back. */
  given(key: string, old: ResourceQuota, now: ResourceQuota): void {
    const lowered = decrease(old.status?.used ?? {}, now.status?.used ?? {});
    for (const [name, amount] of lowered) this.#change(key, name, zeroQuantity.sub(amount));
  }

  of(key: string): ReadonlyMap<string, Quantity> {
    return this.#byQuota.get(key) ?? new Map();
  }

  forget(key: string): void {
    this.#byQuota.delete(key);
  }

  #change(key: string, name: string, by: Quantity): void {
    const amounts: Amounts = this.#byQuota.get(key) ?? new Map();
    this.#byQuota.set(key, amounts);
    const left = (amounts.get(name) ?? zeroQuantity).add(by);
    if (left.sign() > 0) amounts.set(name, left);
    else amounts.delete(name);
  }
}

function decrease(before: Usage, after: Usage): [string, Quantity][] {
  return Object.entries(before).flatMap(([name, amount]): [string, Quantity][] => {
    const less = parseQuantity(amount).sub(parseQuantity(after[name] ?? '0'));
    return less.sign() > 0 ? [[name, less]] : [];
  });
}
