import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { integerOf, numberOf } from './query-parameters.ts';

describe('query parameters – a number – is read as by Go', () => {
  const read = (query: string) => numberOf(new URLSearchParams(query), 'n');
  for (const [query, expected] of [
    ['', undefined],
    ['n=5', 5],
    ['n=%2B5', 5],
    ['n=-1', -1],
    ['n=007', 7],
    [`n=-${'0'.repeat(40)}7`, -7],
    ['n=000', 0],
    ['n=1&n=2', 1],
  ] as const) {
    test(query, () => {
      assert.equal(read(query), expected, query);
    });
  }
  for (const [query, why] of [
    ['n=', 'parsing "": invalid syntax'],
    ['n=1.5', 'parsing "1.5": invalid syntax'],
    ['n=-', 'parsing "-": invalid syntax'],
    [`n=${'9'.repeat(40)}`, `parsing "${'9'.repeat(40)}": value out of range`],
    ['n=9223372036854775808', 'parsing "9223372036854775808": value out of range'],
  ] as const) {
    test(query, () => {
      assert.throws(() => read(query), { message: `strconv.ParseInt: ${why}` });
    });
  }
});

test('query parameters – a 64-bit integer – keeps every digit', () => {
  assert.equal(integerOf(new URLSearchParams('n=9223372036854775807'), 'n'), 2n ** 63n - 1n);
  assert.equal(integerOf(new URLSearchParams('n=-9223372036854775808'), 'n'), -(2n ** 63n));
});
