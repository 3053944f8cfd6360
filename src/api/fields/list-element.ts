/** The path element of a list's item: its keys in a list that is a map, its value in a set. */

import { goQuoted } from '#wire/json/go-values.ts';
import { isJsonObject } from '#wire/json/value.ts';
import { keysMax, LimitExceeded, tooManyKeys } from '#wire/json/values-limit.ts';
import type { ListSchema } from './field-schema.ts';
import { keyElement, valueElement } from './path-element.ts';

/** The item cannot be distinguished from others; the message says why, in upstream's words. */
export class UnnamedItem extends Error {
  override name = 'UnnamedItem';
}

/** Items whose path elements one write may compute, of the old object and the new: each takes room in a field set. */
const itemsMax = keysMax;

let itemsLeft = Number.POSITIVE_INFINITY;

/** While `run` runs, `listElement` of too many items throws `LimitExceeded`. */
export function withBoundedItems<T>(run: () => T): T {
  itemsLeft = itemsMax;
  try {
    return run();
  } finally {
    itemsLeft = Number.POSITIVE_INFINITY;
  }
}

export function listElement(list: ListSchema, item: unknown): string {
  if (--itemsLeft < 0) throw new LimitExceeded(tooManyKeys);
  if (list.keys.length === 0) return setElement(item);
  if (item === null) throw new UnnamedItem('associative list with keys may not have a null element');
  if (!isJsonObject(item)) {
    throw new UnnamedItem('associative list with keys may not have non-map elements');
  }
  const element = keyElement(list.sortedKeys, item);
  if (element !== undefined) return element;
  const names = list.keys.map(({ name }) => goQuoted(name)).join(' ');
  throw new UnnamedItem(
    `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
  );
}

function setElement(item: unknown): string {
  if (Array.isArray(item)) throw new UnnamedItem('not supported: associative list with lists as elements');
  if (item === null) {
    throw new UnnamedItem("associative list without keys has an element that's an explicit null");
  }
  if (typeof item === 'object') {
    throw new UnnamedItem("associative list without keys has an element that's a map type");
  }
  return valueElement(item);
}
