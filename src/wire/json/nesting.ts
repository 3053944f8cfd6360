/** How deeply a JSON text is nested, determined before any recursive code could exhaust the stack. */

/**
 * Upstream's decoders stop at 10,000 levels. Cloning and writing a value recurse on V8's stack, which
 * overflows below 2,000; no Kubernetes object is deeper than about fifty.
 */
export const nestingMax = 1000;

/**
 * Offset of the first character that is too deep, or undefined. A text that is short or has few brackets
 * cannot be deep: most bodies are not scanned character by character.
 */
export function tooDeepAt(json: Uint8Array): number | undefined {
  if (json.length <= 2 * nestingMax || openingsAtMost(json) <= nestingMax) return undefined;
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]!;
    if (byte === 0x22) at = endOfString(json, at);
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > nestingMax) return at;
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return undefined;
}

const wordBytes = 4;

/**
 * Upper bound of the number of opening brackets and braces, including those in strings: a word of four bytes
 * with one counts as four.
 */
function openingsAtMost(json: Uint8Array): number {
  const skipped = -json.byteOffset & (wordBytes - 1);
  const words = new Uint32Array(json.buffer, json.byteOffset + skipped, (json.length - skipped) >> 2);
  let count = skipped + wordBytes - 1;
  for (let i = 0; i < words.length; i++) {
    // Brackets become braces, braces zero; then the usual test whether a byte of the word is zero.
    const zeroed = (words[i]! | 0x20202020) ^ 0x7b7b7b7b;
    if (((zeroed - 0x01010101) & ~zeroed & 0x80808080) !== 0) count += wordBytes;
  }
  return count;
}

/** Where the string that opens at `start` ends. */
export function endOfString(json: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== 0x22) at += json[at] === 0x5c ? 2 : 1;
  return at;
}

/** The same for a value without a text: level by level, without recursion. */
export function isTooDeep(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > nestingMax) return true;
    level = level.flatMap(containersIn);
  }
  return false;
}

function containersIn(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Array.isArray(value) ? value : Object.values(value);
  return inner.filter((item) => typeof item === 'object' && item !== null);
}
