import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare } from './compare.ts';
import { untypedDeduced } from './field-schema.ts';

const fields = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]));

test('a comparison – more fields are added than there is room for – is given up; removed ones take no room', () => {
  const [few, many] = [{ a: fields(1) }, { a: fields(1), b: fields(20) }];
  const left = 20;
  assert.throws(() => compare(untypedDeduced, few, many, { left }), { name: 'LimitExceeded' });
  assert.equal(Object.keys(compare(untypedDeduced, many, few, { left }).removed['f:b']!).length, 21);
  assert.equal(
    Object.keys(compare(untypedDeduced, few, many, { left: left + 1 }).changed['f:b']!).length,
    21,
  );
});
