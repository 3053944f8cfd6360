/** JSON objects among values of any type. */

export type JsonObject = Record<string, unknown>;

/** False for a list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Never calls a setter: `__proto__` is a key like any other. */
export function setKey(object: JsonObject, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}
