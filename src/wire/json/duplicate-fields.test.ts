import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findStrictErrors, hasDuplicateFields } from './duplicate-fields.ts';

test('strict errors – duplicate fields – are found in the text', () => {
  const text = '{"a": 1, "spec": {"b": [{"x\\"": 1, "x\\"": 2}, "a"], "c": {}, "c": []}, "a": "}"}';
  assert.deepEqual(findStrictErrors(text), [
    'duplicate field "spec.b[0].x\\""',
    'duplicate field "spec.c"',
    'duplicate field "a"',
  ]);
  assert.deepEqual(findStrictErrors('[{"a":{"a":1}},{"a":null}]'), []);
});

describe('duplicate fields – of a text, short or long – are known without a search', () => {
  for (const [what, text, has] of [
    ['compact', '{"a":1}\n', false],
    ['with spaces and escapes', '{ "a:" : [ {"b": 1.50}, {"\\u0062": "\\":"} ], "__proto__": null }', false],
    ['twice', '{"a":1,"a":1}', true],
    ['twice, as long as it is written without', '{"a":1e9,"b":11,"b":12}', true],
    ['twice, once with an escape', '{"a":[{"b":1,"\\u0062":1}]}', true],
  ] as const) {
    test(what, () => {
      for (const padding of ['', ' '.repeat(20_000)]) {
        const json = text + padding;
        assert.equal(hasDuplicateFields(Buffer.from(json), JSON.parse(json)), has);
      }
    });
  }
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
