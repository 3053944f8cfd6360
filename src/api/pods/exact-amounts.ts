/** Amounts of resources as exact quantities, where the API shows them: quotas, limit ranges, validation. */

import { parseQuantity, type Quantity } from '../values/quantity.ts';
import type { Tally } from './resources.ts';

export type ExactAmounts = Map<string, Quantity>;

export const exactAmounts: Tally<ExactAmounts> = {
  of: (list = {}) => new Map(Object.entries(list).map(([name, amount]) => [name, parseQuantity(amount)])),
  add(total, more) {
    for (const [name, amount] of more) total.set(name, total.get(name)?.add(amount) ?? amount);
  },
  raise(total, other) {
    for (const [name, amount] of other) {
      const known = total.get(name);
      if (!known || amount.compare(known) > 0) total.set(name, amount);
    }
  },
  replace(total, list) {
    for (const name in list) total.set(name, parseQuantity(list[name]!));
  },
  isZero: (total, name) => total.get(name)?.isZero() ?? true,
};

export function amountTexts(amounts: ExactAmounts): Record<string, string> {
  return Object.fromEntries([...amounts].map(([name, amount]) => [name, amount.toString()]));
}
