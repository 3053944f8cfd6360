import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findStrictErrors, mayHaveDuplicateFields } from './duplicate-fields.ts';

test('strict errors – duplicate fields – are found in the text', () => {
  const text = '{"a": 1, "spec": {"b": [{"x\\"": 1, "x\\"": 2}, "a"], "c": {}, "c": []}, "a": "}"}';
  assert.deepEqual(findStrictErrors(text), [
    'duplicate field "spec.b[0].x\\""',
    'duplicate field "spec.c"',
    'duplicate field "a"',
  ]);
  assert.deepEqual(findStrictErrors('[{"a":{"a":1}},{"a":null}]'), []);
  assert.equal(mayHaveDuplicateFields(Buffer.from('{"a":1}\n'), '{"a":1}'), false);
  assert.equal(mayHaveDuplicateFields(Buffer.from('{"a":1,"a":1}'), '{"a":1}'), true);
});

test('strict errors – unknown fields – come in the order of the text, and their contents are skipped', () => {
  const text = '{"b":1,"x":{"c":1,"c":[{"d":"}"}]},"b":2,"x":[1],"b":3,"y":-1.5e3}';
  assert.deepEqual(findStrictErrors(text, new Set(['x', 'y'])), [
    'unknown field "x"',
    'duplicate field "b"',
    'unknown field "y"',
  ]);
});

test('strict errors – very many – the first hundred are reported', () => {
  const text = `{${Array.from({ length: 300 }, (_, i) => `"k${i}":1,"k${i}":1`).join()}}`;
  const found = findStrictErrors(text);
  assert.deepEqual([found.length, found[99]], [100, 'duplicate field "k99"']);
});
