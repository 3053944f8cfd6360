/** JSON objects among values of any type. */

export type JsonObject = Record<string, unknown>;

/** False for a list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether the value, with all that is in it, is more than so many values: stops counting there. */
export function hasMoreValues(value: unknown, max: number): boolean {
  return roomLeft(value, max) < 0;
}

/** How many of `room` values `value` leaves: less than zero when it has more. */
function roomLeft(value: unknown, room: number): number {
  let left = room - 1;
  if (typeof value !== 'object' || value === null) return left;
  for (const key in value) {
    if (left < 0) break;
    left = roomLeft((value as JsonObject)[key], left);
  }
  return left;
}

/** Never calls a setter: `__proto__` is a key like any other. */
export function setKey(object: JsonObject, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}
