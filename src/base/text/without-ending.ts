/**
 * Removes a repeated character (slashes, zeros) from the end of a text in linear time: an expression such as
 * `/0+$/` takes quadratic time when the character also occurs often elsewhere.
 */

/** `character`: one UTF-16 unit. At least `keep` characters are kept. */
export function withoutEnding(text: string, character: string, keep = 0): string {
  let end = text.length;
  while (end > keep && text[end - 1] === character) end--;
  return text.slice(0, end);
}
