import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lossyIntegerIn, mayHaveLostDigits } from './lossy-integers.ts';

const rows: readonly [what: string, json: string, found: string | undefined][] = [
  ['one more than doubles count to', '{"a":9007199254740993}', '9007199254740993'],
  ['the largest integer of 64 bits', '{"a":[1,9223372036854775807]}', '9223372036854775807'],
  ['the smallest one but one', '{"a":-9223372036854775807}', '-9223372036854775807'],
  ['the smallest one', '{"a":-9223372036854775808}', undefined],
  ['a power of two', '{"a":9007199254740992}', undefined],
  ['both of one double', '[9007199254740993,9007199254740992]', '9007199254740993'],
  ['one in a string', '{"a":"9007199254740993"}', undefined],
  ['one in a string that has a quote', '{"a":"\\"9007199254740993"}', undefined],
  ['one in a key', '{"9007199254740993":1}', undefined],
  ['a fraction', '{"a":0.12345678901234567891}', undefined],
  ['a number with an exponent', '{"a":12345678901234567e3}', undefined],
  ['what Go reads as a double', '{"a":92233720368547758079}', undefined],
  ['the whole text', '9007199254740993', '9007199254740993'],
  ['short numbers', '{"a":123456789012345,"b":-1}', undefined],
];

for (const [what, json, found] of rows) {
  test(`a JSON text – with ${what} – ${found ? 'loses digits' : 'loses nothing'}`, () => {
    assert.equal(lossyIntegerIn(Buffer.from(json)), found);
  });
}

for (const [value, may] of [
  [{ a: [9007199254740992] }, true],
  [{ a: 1e300, b: 0.5, c: 9007199254740991, d: '9007199254740993' }, false],
] as const) {
  test(`a value of YAML – ${JSON.stringify(value)} – may ${may ? '' : 'not '}have lost digits`, () => {
    assert.equal(mayHaveLostDigits(value), may);
  });
}
