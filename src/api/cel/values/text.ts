/** Strings as CEL counts and orders them: by code points, and not by the units of UTF-16. */

/** The number of code points. */
export function textSize(text: string): number {
  let size = text.length;
  for (let index = 0; index < text.length - 1; index++) {
    if (isHigh(text.charCodeAt(index)) && isLow(text.charCodeAt(index + 1))) {
      size--;
      index++;
    }
  }
  return size;
}

/** -1, 0 or 1, by the bytes of UTF-8. */
export function compareText(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  let index = 0;
  while (index < length && a.charCodeAt(index) === b.charCodeAt(index)) index++;
  if (index === length) return a.length < b.length ? -1 : 1;
  return orderOf(a.charCodeAt(index)) < orderOf(b.charCodeAt(index)) ? -1 : 1;
}

/** Surrogates stand for code points above all others, although their own codes are lower than those of U+E000 and up. */
const orderOf = (code: number) => (code >= 0xd800 && code <= 0xdfff ? code + 0x10000 : code);

const isHigh = (code: number) => code >= 0xd800 && code <= 0xdbff;
const isLow = (code: number) => code >= 0xdc00 && code <= 0xdfff;
