/** Integers as Go's strconv reads them: text in, integer or strconv's reason out. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseInt64, parseUint, strconvError } from './integers.ts';

const signed: [string, ReturnType<typeof parseInt64>][] = [
  ['0', 0n],
  ['+12', 12n],
  ['-007', -7n],
  ['9223372036854775807', 2n ** 63n - 1n],
  ['-9223372036854775808', -(2n ** 63n)],
  ['9223372036854775808', 'value out of range'],
  ['1'.repeat(1_000_000), 'value out of range'],
  ['', 'invalid syntax'],
  ['1.5', 'invalid syntax'],
  ['1_000', 'invalid syntax'],
];
for (const [text, expected] of signed) {
  test(`a signed integer – ${text.slice(0, 30)} – ${expected}`, () =>
    assert.equal(parseInt64(text), expected));
}

const unsigned: [string, number, ReturnType<typeof parseUint>][] = [
  ['65535', 16, 65_535n],
  ['65536', 16, 'value out of range'],
  ['18446744073709551615', 64, 2n ** 64n - 1n],
  ['18446744073709551616', 64, 'value out of range'],
  ['+1', 64, 'invalid syntax'],
];
for (const [text, bits, expected] of unsigned) {
  test(`an integer of ${bits} bits – ${text} – ${expected}`, () =>
    assert.equal(parseUint(text, bits), expected));
}

test('what is no integer – is quoted in strconv’s message', () => {
  assert.equal(
    strconvError('Atoi', 'a"b', 'invalid syntax'),
    'strconv.Atoi: parsing "a\\"b": invalid syntax',
  );
});
