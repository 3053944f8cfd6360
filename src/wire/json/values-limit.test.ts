import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { exceededLimit, keysMax, valuesMax } from './values-limit.ts';

const list = (count: number, element: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => element(i)).join(',');
const found = (text: string) => exceededLimit(Buffer.from(text));

test('parts – different keys in one object, or spread over many – too many are found', () => {
  assert.equal(found(`{${list(keysMax + 5000, (i) => `"k${i}":1`)}}`), 'more than 32768 different keys');
  assert.equal(found(`[${list(keysMax + 5000, (i) => `{"k${i}":1}`)}]`), 'more than 32768 different keys');
  assert.equal(found(`{${list(keysMax - 2000, (i) => `"k${i}":1`)}}`), undefined);
});

test('parts – the same keys repeated – do not count', () => {
  assert.equal(found(`[${list(120_000, () => '{"name":1}')}]`), undefined);
});

describe('parts – values of any kind – too many are found', () => {
  for (const element of ['1', '{}', '[]', '""']) {
    test(element, () => {
      assert.equal(found(`[${list(valuesMax + 1, () => element)}]`), 'more than 250000 values');
    });
  }
  test('as many as allowed', () => {
    assert.equal(found(`[${list(valuesMax - 2, () => '1')}]`), undefined);
  });
});

test('parts – characters within a string – do not count', () => {
  assert.equal(found(`{"a":"${',[{:'.repeat(700_000)}"}`), undefined);
  assert.equal(found(`{"a":"${'\\",'.repeat(700_000)}"}`), undefined);
});
