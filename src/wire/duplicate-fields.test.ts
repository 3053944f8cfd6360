import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findDuplicateFields, mayHaveDuplicateFields } from './duplicate-fields.ts';

test('duplicate fields are found in the text', () => {
  const text = '{"a": 1, "spec": {"b": [{"x\\"": 1, "x\\"": 2}, "a"], "c": {}, "c": []}, "a": "}"}';
  assert.deepEqual(findDuplicateFields(text), ['spec.b[0].x"', 'spec.c', 'a']);
  assert.deepEqual(findDuplicateFields('[{"a":{"a":1}},{"a":null}]'), []);
  assert.equal(mayHaveDuplicateFields(Buffer.from('{"a":1}\n'), '{"a":1}'), false);
  assert.equal(mayHaveDuplicateFields(Buffer.from('{"a":1,"a":1}'), '{"a":1}'), true);
});
