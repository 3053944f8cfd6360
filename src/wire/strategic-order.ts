/**
 * The order of a list after a strategic merge with `$setElementOrder`: elements the patch names come in the patch's
 * order; those only the server has keep their place relative to the server's own order.
 */

export type ListItem = Record<string, unknown> | string | number | boolean;

export function orderedList(
  merged: readonly ListItem[],
  patchOrder: readonly ListItem[],
  serverOrder: readonly ListItem[],
  mergeKey: string | undefined,
): ListItem[] {
  const keyOf = (item: ListItem) => (typeof item === 'object' && mergeKey ? item[mergeKey] : item);
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

/** A server's element goes first only where the server had both and had it first. */
function interleave(
  serverOnly: readonly ListItem[],
  named: readonly ListItem[],
  serverPosition: (item: ListItem) => number | undefined,
): ListItem[] {
  const result: ListItem[] = [];
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
