/** JSON objects among values of any sort. */

export type JsonObject = Record<string, unknown>;

/** A list is none. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
