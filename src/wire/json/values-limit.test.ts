import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  containersMax,
  exceededByValue,
  exceededLimit,
  keysMax,
  partsOf,
  valuesMax,
} from './values-limit.ts';

const list = (count: number, element: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => element(i)).join(',');
const found = (text: string) => exceededLimit(Buffer.from(text));

test('parts – different keys in one object, or spread over many – too many are found', () => {
  assert.equal(found(`{${list(keysMax + 5000, (i) => `"k${i}":1`)}}`), 'more than 24576 different keys');
  assert.equal(found(`[${list(keysMax + 5000, (i) => `{"k${i}":1}`)}]`), 'more than 24576 different keys');
  assert.equal(found(`{${list(keysMax - 2000, (i) => `"k${i}":1`)}}`), undefined);
});

test('parts – the same keys repeated – do not count', () => {
  assert.equal(found(`[${list(40_000, () => '{"name":1,"value":2}')}]`), undefined);
});

describe('parts – values that are no containers – too many are found', () => {
  for (const element of ['1', '""', 'null']) {
    test(element, () => {
      assert.equal(found(`[${list(valuesMax + 1, () => element)}]`), 'more than 131072 values');
    });
  }
  test('as many as allowed', () => {
    assert.equal(found(`[${list(valuesMax - 2, () => '1')}]`), undefined);
  });
});

describe('parts – objects and lists – many fewer are too many', () => {
  for (const element of ['{}', '[]', '{"a":1}', '[1]']) {
    test(element, () => {
      const tooMany = 'more than 50000 objects and lists';
      assert.equal(found(`[${list(containersMax, () => element)},"${' '.repeat(100_000)}"]`), tooMany);
      assert.equal(found(`[${list(containersMax - 1, () => element)},"${' '.repeat(100_000)}"]`), undefined);
    });
  }
});

describe('parts – of a value – are counted as in its text', () => {
  for (const [what, count, element] of [
    ['numbers', valuesMax - 2, '1'],
    ['numbers, too many', valuesMax + 1, '1'],
    ['objects', containersMax - 1, '{"a":1}'],
    ['empty objects, too many', containersMax, '{}'],
    ['objects of two values', 43_690, '{"a":1,"b":2}'],
    ['objects of two values, too many', 43_691, '{"a":1,"b":2}'],
  ] as const) {
    test(what, () => {
      const text = `[${list(count, () => element)}]`;
      assert.equal(exceededByValue(JSON.parse(text)), found(`${text}${' '.repeat(100_000)}`));
    });
  }
});

test('parts – of a short text – are counted', () => {
  assert.deepEqual(partsOf(Buffer.from('{"a[{,\\"":[1,"2",{}],"b":null}')), { values: 7, containers: 3 });
  assert.deepEqual(partsOf(Buffer.from('1')), { values: 1, containers: 0 });
});

test('parts – characters within a string – do not count', () => {
  assert.equal(found(`{"a":"${',[{:'.repeat(700_000)}"}`), undefined);
  assert.equal(found(`{"a":"${'\\",'.repeat(700_000)}"}`), undefined);
});
