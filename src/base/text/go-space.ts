/** White space as Go's `unicode.IsSpace` knows it, and what `strings.TrimSpace` and `strings.Fields` make of it; each walks a text once. */

const space = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const spaces = new RegExp(`${space.source}+`);

/** Without the space at both ends. Signs with a code below `lowestCode` stay and end the walk. */
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
