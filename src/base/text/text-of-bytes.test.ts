import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOfBytes } from './text-of-bytes.ts';

/** As Go's `json.Marshal` writes the string of these bytes; `?` stands for U+FFFD. */
const table: [bytes: string, text: string][] = [
  ['', ''],
  ['plain', 'plain'],
  ['caf\xe9 \xff\xfe\n', 'caf? ??\n'],
  ['caf\xc3\xa9', 'café'],
  ['\xf0\x9f\x98\x80', '😀'],
  ['\xf0\x9f\x98', '???'],
  ['\xf0\x9f\x98x', '???x'],
  ['\xe2\x82', '??'],
  ['\xe2\x82\xac\xe2', '€?'],
  ['\xc0\xaf', '??'],
  ['\xe0\x80\xaf', '???'],
  ['\xed\xa0\x80', '???'],
  ['\xf4\x90\x80\x80', '????'],
  ['\xf5\x80', '??'],
  ['\xef\xbb\xbfx', '\u{feff}x'],
  ['\x00\x80', '\0?'],
];

for (const [bytes, text] of table) {
  test(`textOfBytes – ${JSON.stringify(bytes)} – each invalid byte becomes U+FFFD`, () => {
    assert.equal(textOfBytes(Buffer.from(bytes, 'latin1')), text.replaceAll('?', '\u{fffd}'));
  });
}
