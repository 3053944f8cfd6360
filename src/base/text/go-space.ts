/**
 * White space as Go's `unicode.IsSpace` defines it, with `strings.TrimSpace` and `strings.Fields`; each takes
 * linear time.
 */

const space = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const spaces = new RegExp(`${space.source}+`);

/**
 * Without white space at both ends. Characters with a code below `lowestCode` are kept and end the trimming.
 */
export function trimGoSpace(text: string, lowestCode = 0): string {
  const isSpace = (at: number) => text.charCodeAt(at) >= lowestCode && space.test(text[at]!);
  let start = 0;
  while (start < text.length && isSpace(start)) start++;
  let end = text.length;
  while (end > start && isSpace(end - 1)) end--;
  return text.slice(start, end);
}

/** The words between the spaces. */
export function goFields(text: string): string[] {
  return text.split(spaces).filter(Boolean);
}
