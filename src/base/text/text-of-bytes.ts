/**
 * Output of a program as text: each byte that is not part of valid UTF-8 becomes one U+FFFD, as in Go's JSON
 * encoder, through which upstream passes such bytes. (The platform's own decoder replaces a broken sequence
 * as a whole.)
 */

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const replacement = '\u{fffd}';

export function textOfBytes(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return replaced(bytes);
  }
}

function replaced(bytes: Uint8Array): string {
  let text = '';
  let from = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 0) {
      text += strict.decode(bytes.subarray(from, at)) + replacement;
      from = at + 1;
    }
    at += Math.max(length, 1);
  }
  return text + strict.decode(bytes.subarray(from));
}

/** Length of the well-formed sequence that begins at `at`; 0 if there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return 0;
  const [lowest, highest] = secondRange(first);
  const second = bytes[at + 1] ?? 0;
  if (second < lowest || second > highest) return 0;
  for (let i = 2; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

/** Bounds of the second byte: excludes overlong forms, surrogates and code points beyond Unicode. */
function secondRange(first: number): [lowest: number, highest: number] {
  if (first === 0xe0) return [0xa0, 0xbf];
  if (first === 0xed) return [0x80, 0x9f];
  if (first === 0xf0) return [0x90, 0xbf];
  if (first === 0xf4) return [0x80, 0x8f];
  return [0x80, 0xbf];
}
