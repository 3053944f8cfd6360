import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownValue } from './own-value.ts';

test('ownValue – names that every object inherits – undefined', () => {
  const table = { a: 1 };
  assert.equal(ownValue(table, 'a'), 1);
  for (const key of ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf']) {
    assert.equal(ownValue<unknown>(table, key), undefined, key);
  }
});
