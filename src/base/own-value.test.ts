import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ownValue } from './own-value.ts';

describe('ownValue – names that every object inherits – undefined', () => {
  const table = { a: 1 };
  test('an own key', () => {
    assert.equal(ownValue(table, 'a'), 1);
  });
  for (const key of ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf']) {
    test(key, () => {
      assert.equal(ownValue<unknown>(table, key), undefined);
    });
  }
});
