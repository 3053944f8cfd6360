/**
 * Without the fields that are 0: a count of none is left out on the wire, and clients print nothing for it.
 */
export function withoutZeros<T extends object>(counts: T): Partial<T> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)) as Partial<T>;
}
