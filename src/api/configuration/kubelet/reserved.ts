/** Resources that a node keeps from its pods: `kubeReserved`, `systemReserved`, and both together. */

import { errorText } from '#base/text/error-text.ts';
import { parseQuantity, type Quantity } from '../../values/quantity.ts';
import { ConfigurationError } from '../error.ts';

const reservable = ['cpu', 'memory', 'ephemeral-storage', 'pid'];

/** By resource. */
export type Reserved = ReadonlyMap<string, Quantity>;

/** Throws `ConfigurationError`. */
export function readReserved(texts: Readonly<Record<string, string>> = {}): Reserved {
  return new Map(Object.entries(texts).map(([name, text]) => [name, quantityOf(name, text)]));
}

export function sumOf(kube: Reserved, system: Reserved): Reserved {
  const sum = new Map(kube);
  for (const [name, quantity] of system) sum.set(name, sum.get(name)?.add(quantity) ?? quantity);
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
