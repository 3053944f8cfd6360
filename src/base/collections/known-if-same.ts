/** Lets many objects with equal parts hold one of these parts: cheap, since it compares with a single known part. */

/** `known` where it has the same members in the same order as `given`, or else `given`. */
export function knownIfSame<T extends object>(known: T, given: T): T {
  const keys = Object.keys(given);
  const knownKeys = Object.keys(known);
  if (keys.length !== knownKeys.length) return given;
  const [a, b] = [known, given] as Readonly<Record<string, unknown>>[];
  return keys.every((key, i) => key === knownKeys[i] && a![key] === b![key]) ? known : given;
}
