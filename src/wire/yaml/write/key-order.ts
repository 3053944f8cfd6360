/** The order of keys in YAML as Go writes it: numbers within keys by value, other characters before letters. */

const lettersOnly = /^[A-Za-z]*$/;
const letter = /\p{L}/u;
const digit = /\p{Nd}/u;

export function sortedKeys(map: object): string[] {
  const keys = Object.keys(map);
  return keys.every((key) => lettersOnly.test(key)) ? keys.sort() : keys.sort(compareKeys);
}

function compareKeys(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  const shorter = Math.min(left.length, right.length);
  for (let at = 0; at < shorter; at++) {
    if (left[at] !== right[at]) return compareFrom(left, right, at);
  }
  return left.length - right.length;
}

/** Of keys that differ at a character. */
function compareFrom(a: readonly string[], b: readonly string[], at: number): number {
  const isLetter = letter.test(a[at]!);
  if (isLetter !== letter.test(b[at]!)) return isLetter ? 1 : -1;
  if (!isLetter) {
    // A zero that another digit stands before is part of a number.
    const start = a[at] === '0' || b[at] === '0' ? numberBefore(a, at) : 0;
    const first = numberAt(a, at, start);
    const second = numberAt(b, at, start);
    if (first.value !== second.value) return first.value < second.value ? -1 : 1;
    if (first.end !== second.end) return first.end - second.end;
  }
  return a[at]!.codePointAt(0)! - b[at]!.codePointAt(0)!;
}

function numberBefore(key: readonly string[], at: number): number {
  for (let i = at - 1; i >= 0 && digit.test(key[i]!); i--) if (key[i] !== '0') return 1;
  return 0;
}

function numberAt(key: readonly string[], at: number, start: number): { value: bigint; end: number } {
  let value = BigInt(start);
  let end = at;
  for (; end < key.length && digit.test(key[end]!); end++) {
    value = BigInt.asIntN(64, value * 10n + BigInt(key[end]!.codePointAt(0)! - 48));
  }
  return { value, end };
}
