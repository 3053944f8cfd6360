import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeObject, parseJson } from './canonical.ts';
import { parseExactly } from './exact-integers.ts';

const cases: readonly [title: string, text: string, value: unknown][] = [
  ['the largest of 64 bits', '9223372036854775807', 9223372036854775807n],
  ['the least of 64 bits', '-9223372036854775808', Number('-9223372036854775808')],
  ['one that a double does not hold', '-9007199254740993', -9007199254740993n],
  ['one that a double holds', '9007199254740992', 9007199254740992],
  ['one beyond 64 bits', '9223372036854775808', Number('9223372036854775808')],
  ['a fraction', '12345678901234567.5', Number('12345678901234567.5')],
  ['a text', '"9007199254740993"', '9007199254740993'],
];

for (const [title, text, value] of cases) {
  test(`an exact parse – ${title} – is what Go reads`, () => {
    assert.deepEqual(parseExactly(`{"a":[${text}]}`), { a: [value] });
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
