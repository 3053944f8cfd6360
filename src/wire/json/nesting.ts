/** How deep a text of JSON is nested, told before anything that walks it by recursion could exhaust the stack. */

/**
 * Upstream's decoders stop at 10,000 levels. Cloning and writing a value take V8's own stack, which is gone below 2,000; nothing
 * that Kubernetes knows is deeper than some fifty.
 */
export const nestingMax = 1000;

/** The sign that goes too deep, or undefined. What is short, or opens little, cannot be deep: most bodies are not read sign by sign. */
export function tooDeepAt(json: Uint8Array): number | undefined {
  if (json.length <= 2 * nestingMax || openingsAtMost(json) <= nestingMax) return undefined;
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const sign = json[at]!;
    if (sign === 0x22) at = endOfString(json, at);
    else if (sign === 0x7b || sign === 0x5b) {
      if (++depth > nestingMax) return at;
    } else if (sign === 0x7d || sign === 0x5d) depth--;
  }
  return undefined;
}

const wordBytes = 4;

/** How many brackets and braces open, within strings too: a word of four signs with one counts as four. */
function openingsAtMost(json: Uint8Array): number {
  const skipped = -json.byteOffset & (wordBytes - 1);
  const words = new Uint32Array(json.buffer, json.byteOffset + skipped, (json.length - skipped) >> 2);
  let count = skipped + wordBytes - 1;
  for (let i = 0; i < words.length; i++) {
    // Brackets become braces, braces zero; then the usual question whether a byte of the word is zero.
    const zeroed = (words[i]! | 0x20202020) ^ 0x7b7b7b7b;
    if (((zeroed - 0x01010101) & ~zeroed & 0x80808080) !== 0) count += wordBytes;
  }
  return count;
}

/** Where the quotes close that open at `start`. */
export function endOfString(json: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== 0x22) at += json[at] === 0x5c ? 2 : 1;
  return at;
}

/** The same of a value that no text tells the depth of: level by level, without recursion. */
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
  return inner.filter((one) => typeof one === 'object' && one !== null);
}
