import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeObject, parseJson } from './canonical.ts';
import { parseExactly } from './exact-integers.ts';

const cases: readonly [title: string, text: string, value: unknown][] = [
  ['the largest of 64 bits', '9223372036854775807', 9223372036854775807n],
  ['the least of 64 bits', '-9223372036854775808', -9223372036854775808n],
  ['one that a double does not hold', '-9007199254740993', -9007199254740993n],
  ['one that a double holds', '9007199254740992', 9007199254740992],
  ['one that a double writes as it is', '1152921504606847000', 2 ** 60],
  ['one that a double would write with other digits', '1152921504606846976', 1152921504606846976n],
  ['the largest that all doubles below are', '9007199254740991', 9007199254740991],
  ['one with an exponent', '1e18', 1e18],
  ['one beyond 64 bits', '9223372036854775808', Number('9223372036854775808')],
  ['a fraction', '12345678901234567.5', Number('12345678901234567.5')],
  ['a text', '"9007199254740993"', '9007199254740993'],
];

for (const [title, text, value] of cases) {
  test(`an exact parse – ${title} – is what Go reads`, () => {
    assert.deepEqual(parseExactly(`{"a":[${text}]}`), { a: [value] });
  });
}

test('an exact parse – integers among texts that look like them, or like the mark of one – changes only the integers', () => {
  const text = String.raw`{"9007199254740993":"'9007199254740993","a\\":[9007199254740993,"\\",9007199254740995],"b":{"c":" -9007199254740993,"},"d":0.9007199254740993,"e":1e-9007199254740993,"__proto__":{"f":9007199254740997}}`;
  const value = parseExactly(text) as Record<string, unknown>;
  assert.deepEqual(value['a\\'], [9007199254740993n, '\\', 9007199254740995n]);
  assert.deepEqual(value['b'], { c: ' -9007199254740993,' });
  assert.equal(value['9007199254740993'], "'9007199254740993");
  assert.deepEqual([value['d'], value['e']], [0.9007199254740993, 0]);
  assert.deepEqual(Object.getOwnPropertyDescriptor(value, '__proto__')?.value, { f: 9007199254740997n });
});

test('an exact parse – of texts with the mark of an integer – changes only the integers', () => {
  for (const text of ['\uE0009', '\\ue0009']) {
    assert.deepEqual(parseExactly(`["${text}",9007199254740993]`), ['\uE0009', 9007199254740993n]);
  }
});

test('an exact parse – of what is no JSON – is refused whatever its integers', () => {
  const broken = [
    '[09007199254740993]',
    '[--9007199254740993]',
    '["a,9007199254740993]',
    '[9007199254740993 1]',
    '{9007199254740993:1}',
    '[9007199254740993',
  ];
  for (const text of broken) assert.throws(() => parseExactly(text), SyntaxError, text);
});

for (const text of ['1e400', '-1e400', '1E+309', '1e0400', `1${'0'.repeat(400)}`, `1${'0'.repeat(220)}e99`]) {
  test(`an exact parse – ${text.slice(0, 6)}, beyond all doubles – fails as in Go, and is not stored as null`, () => {
    assert.throws(() => parseExactly(`{"a":${text}}`), {
      name: 'SyntaxError',
      message: `json: cannot unmarshal number ${text} into Go value of type float64`,
    });
  });
}

test('a stored object – with integers of 64 bits – is read with them again, also with other bytes before it', () => {
  const object = parseExactly(
    '{"kind":"K","apiVersion":"v1","metadata":{"name":"a"},"n":9223372036854775807}',
  );
  const stored = encodeObject(object as object);
  assert.deepEqual(parseJson(stored), object);
  assert.match(Buffer.from(stored).toString(), /"n":9223372036854775807/);
  const plain = encodeObject({ kind: 'K', apiVersion: 'v1', metadata: {} });
  assert.equal(Buffer.from(plain).at(-1), 0x7d);
});
