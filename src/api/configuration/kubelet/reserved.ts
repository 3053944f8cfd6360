/** Resources that a node keeps from its pods: `kubeReserved` and `systemReserved` together. */

import { errorText } from '#base/text/error-text.ts';
import { parseQuantity, type Quantity } from '../../values/quantity.ts';
import { ConfigurationError } from '../error.ts';

const reservable = ['cpu', 'memory', 'ephemeral-storage', 'pid'];

/** By resource. */
export type Reserved = ReadonlyMap<string, Quantity>;

/** Throws `ConfigurationError`. */
export function readReserved(
  kube: Readonly<Record<string, string>> = {},
  system: Readonly<Record<string, string>> = {},
): Reserved {
  const sum = new Map<string, Quantity>();
  for (const [name, text] of [...Object.entries(kube), ...Object.entries(system)]) {
    const quantity = quantityOf(name, text);
    sum.set(name, sum.get(name)?.add(quantity) ?? quantity);
  }
  return sum;
}

function quantityOf(name: string, text: string): Quantity {
  if (!reservable.includes(name)) {
    throw new ConfigurationError(`kubelet: cannot reserve ${JSON.stringify(name)} resource`);
  }
  let quantity: Quantity;
  try {
    quantity = parseQuantity(text);
  } catch (error) {
    throw new ConfigurationError(
      `kubelet: failed to parse quantity ${JSON.stringify(text)} for ${JSON.stringify(name)} resource: ${errorText(error)}`,
    );
  }
  if (quantity.sign() >= 0) return quantity;
  throw new ConfigurationError(
    `kubelet: resource quantity for ${JSON.stringify(name)} cannot be negative: ${quantity}`,
  );
}
