/** Amounts in lists of resources, which upstream rounds when it reads them. */

import { parseQuantity } from '../values/quantity.ts';
import type { TypeDef } from './schema.ts';

/** Upstream defaults every ResourceList of the core group in the same way. */
export function hasRoundedAmounts(owner: TypeDef): boolean {
  return owner.name.startsWith('io.k8s.api.core.v1.');
}

/** A fraction, or a suffix or exponent that may denote less than a thousandth. */
const mayBeFine = /[.nueE]/;

/** Less than a thousandth is rounded up: `100u` becomes `1m`. */
export function roundedUp(amount: string): string {
  return mayBeFine.test(amount) ? parseQuantity(amount).roundedToThousandths().toString() : amount;
}
