import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyJson } from '#base/copy-json.ts';

test('a copy of JSON – of every kind of value – is equal and shares no object or list', () => {
  const value = JSON.parse('{"a":[{"b":null},[],1,"c",true],"__proto__":{"d":{}},"e":{"f":[[]]}}');
  const copy = copyJson(value);
  assert.deepEqual(copy, value);
  assert.deepEqual(Object.keys(copy), ['a', '__proto__', 'e']);
  assert.equal(Object.getPrototypeOf(copy), Object.prototype);
  copy.a[0].b = 1;
  copy.e.f[0].push(2);
  Object.getOwnPropertyDescriptor(copy, '__proto__')!.value.d.x = 3;
  assert.equal(JSON.stringify(value), '{"a":[{"b":null},[],1,"c",true],"__proto__":{"d":{}},"e":{"f":[[]]}}');
});

test('a copy of what is no object – is the same value', () => {
  for (const value of [null, undefined, 'a', 1, true, 2n ** 60n]) assert.equal(copyJson(value), value);
});
