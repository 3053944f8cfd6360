/** Keys compare by their UTF-8 bytes: `sortKey` maps a key to a string whose native order is that order. */

const surrogateOrAbove = /[\ud800-\uffff]/;
const surrogatesOrAbove = /[\ud800-\uffff]/g;

/** The same string for every key without characters above U+D7FF, so the usual case costs one test. */
export function sortKey(key: string): string {
  return surrogateOrAbove.test(key) ? key.replace(surrogatesOrAbove, raise) : key;
}

/** UTF-16 puts surrogates (code points from U+10000) below U+E000 to U+FFFF; UTF-8 puts them above. */
function raise(unit: string): string {
  const code = unit.charCodeAt(0);
  return String.fromCharCode(code >= 0xe000 ? code - 0x800 : code + 0x2000);
}
