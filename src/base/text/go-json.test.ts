import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goJson, goStructJson } from './go-json.ts';

test('goJson – a value – is written as encoding/json writes a map', () => {
  const value = { b: [1, null, true], a: { '9': 'x', '10': 'y', z: undefined }, s: 'a && b <c>\u2028"\t' };
  assert.equal(
    goJson(value),
    '{"a":{"10":"y","9":"x"},"b":[1,null,true],"s":"a \\u0026\\u0026 b \\u003cc\\u003e\\u2028\\"\\t"}',
  );
  assert.deepEqual(JSON.parse(goJson(value)), JSON.parse(JSON.stringify(value)));
});

test('goStructJson – a value – is written as encoding/json writes a struct, fields in their order', () => {
  assert.equal(goStructJson({ b: '<', a: undefined, '1': [2] }), '{"1":[2],"b":"\\u003c"}');
  assert.equal(goStructJson({ limits: 1, claims: '&' }), '{"limits":1,"claims":"\\u0026"}');
});
