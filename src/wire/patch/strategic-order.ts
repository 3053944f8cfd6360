/**
 * The order of a list after a strategic merge with `$setElementOrder`: elements that the patch names come in
 * the patch's order; elements that only the server has keep their place relative to the server's own order.
 */

import { isJsonObject } from '../json/value.ts';

/** Elements are identified by their `mergeKey`; without one, and if they are not objects, by their value. */
export function orderedList<Item>(
  merged: readonly Item[],
  patchOrder: readonly unknown[],
  serverOrder: readonly unknown[],
  mergeKey: string | undefined,
): Item[] {
  const keyOf = (item: unknown) => (mergeKey && isJsonObject(item) ? item[mergeKey] : item);
  const inPatch = positions(patchOrder.map(keyOf));
  const inServer = positions(serverOrder.map(keyOf));
  const named = merged.filter((item) => inPatch.has(keyOf(item)));
  const serverOnly = merged.filter((item) => !inPatch.has(keyOf(item)));
  named.sort((a, b) => inPatch.get(keyOf(a))! - inPatch.get(keyOf(b))!);
  return interleave(serverOnly, named, (item) => inServer.get(keyOf(item)));
}

function positions(keys: readonly unknown[]): Map<unknown, number> {
  return new Map(keys.map((key, i) => [key, i]));
}

/** A server's element goes first only if the server had both and had it first. */
function interleave<Item>(
  serverOnly: readonly Item[],
  named: readonly Item[],
  serverPosition: (item: Item) => number | undefined,
): Item[] {
  const result: Item[] = [];
  let left = 0;
  for (const item of named) {
    const place = serverPosition(item);
    while (left < serverOnly.length) {
      const other = serverPosition(serverOnly[left]!);
      if (place === undefined || other === undefined || other > place) break;
      result.push(serverOnly[left++]!);
    }
    result.push(item);
  }
  return [...result, ...serverOnly.slice(left)];
}
