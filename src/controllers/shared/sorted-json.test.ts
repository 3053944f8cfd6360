import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson } from './sorted-json.ts';

const rows: [title: string, value: unknown, text: string][] = [
  ['keys in any order', { b: 1, a: { d: 2, c: 3 } }, '{"a":{"c":3,"d":2},"b":1}'],
  ['fields that are undefined or an empty list', { a: undefined, b: [], c: [1] }, '{"c":[1]}'],
  ['items of a list', ['b', 'a', null, undefined], '["b","a",null,null]'],
];

for (const [title, value, text] of rows) {
  test(`canonical JSON – ${title} – is ${text}`, () => assert.equal(canonicalJson(value), text));
}
