/** Base64 as Go's encoding/json reads and writes it: line breaks are ignored, padding is required. */

/** Go's encoding of the same bytes; undefined for invalid base64. */
export function canonicalBase64(text: string): string | undefined {
  if (text.length % 4 === 0 && plain.test(text)) return endsClean(text) ? text : rewritten(text);
  if (base64ErrorAt(text) !== undefined) return undefined;
  return rewritten(text);
}

const plain = /^[A-Za-z0-9+/]*={0,2}$/;

/** In Go's encoding the unused bits of the last character are zero. */
function endsClean(text: string): boolean {
  if (!text.endsWith('=')) return true;
  return text.endsWith('==') ? /[AQgw]==$/.test(text) : /[AEIMQUYcgkosw048]=$/.test(text);
}

function rewritten(text: string): string {
  return Buffer.from(text, 'base64').toString('base64');
}

const isBreak = (character: string | undefined) => character === '\n' || character === '\r';

/**
 * The input byte at which Go's decoder fails. Everything before the first invalid character is ASCII:
 * characters are bytes.
 */
export function base64ErrorAt(text: string): number | undefined {
  let at = 0;
  const skipBreaks = () => {
    while (isBreak(text[at])) at++;
  };
  for (;;) {
    for (let place = 0; place < 4; place++) {
      skipBreaks();
      const character = text[at];
      if (character === undefined) return place === 0 ? undefined : at - place;
      at++;
      if (/[A-Za-z0-9+/]/.test(character)) continue;
      if (character !== '=' || place < 2) return at - 1;
      skipBreaks();
      if (place === 2) {
        if (at === text.length) return at;
        if (text[at] !== '=') return at - 1;
        at++;
        skipBreaks();
      }
      return at < text.length ? at : undefined;
    }
  }
}
