/** Looks into a table by a text that a caller wrote: `constructor` and `__proto__` are in none that has not got them as keys. */

export function ownValue<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
