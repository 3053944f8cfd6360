/**
 * What repeats at the end of a text (slashes, zeros), taken off in one walk: an expression such as `/0+$/` takes square time where the
 * sign stands many times elsewhere.
 */

/** `sign`: one unit. At least `keep` signs stay. */
export function withoutEnding(text: string, sign: string, keep = 0): string {
  let end = text.length;
  while (end > keep && text[end - 1] === sign) end--;
  return text.slice(0, end);
}
