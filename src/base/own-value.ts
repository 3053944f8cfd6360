/**
 * Looks up a key that comes from a caller: inherited names such as `constructor` and `__proto__` are found
 * only as own keys.
 */

export function ownValue<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
