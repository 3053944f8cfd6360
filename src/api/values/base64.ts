/** Base64 as Go's encoding/json reads it into bytes and writes it again: line breaks are passed over, padding is needed. */

/** The text that Go writes for the same bytes; undefined when this is no base64. */
export function canonicalBase64(text: string): string | undefined {
  if (text.length % 4 === 0 && plain.test(text)) return endsClean(text) ? text : rewritten(text);
  if (base64ErrorAt(text) !== undefined) return undefined;
  return rewritten(text);
}

const plain = /^[A-Za-z0-9+/]*={0,2}$/;

/** The bits that the last sign has too many must be zero in what is written. */
function endsClean(text: string): boolean {
  if (!text.endsWith('=')) return true;
  return text.endsWith('==') ? /[AQgw]==$/.test(text) : /[AEIMQUYcgkosw048]=$/.test(text);
}

function rewritten(text: string): string {
  return Buffer.from(text, 'base64').toString('base64');
}

const isBreak = (sign: string | undefined) => sign === '\n' || sign === '\r';

/** The input byte at which Go's decoder gives up. What comes before the first strange sign is ASCII: signs are bytes. */
export function base64ErrorAt(text: string): number | undefined {
  let at = 0;
  const skipBreaks = () => {
    while (isBreak(text[at])) at++;
  };
  for (;;) {
    for (let place = 0; place < 4; place++) {
      skipBreaks();
      const sign = text[at];
      if (sign === undefined) return place === 0 ? undefined : at - place;
      at++;
      if (/[A-Za-z0-9+/]/.test(sign)) continue;
      if (sign !== '=' || place < 2) return at - 1;
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
