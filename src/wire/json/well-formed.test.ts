import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wellFormed } from './well-formed.ts';

const rows: readonly (readonly [json: string, expected: unknown])[] = [
  ['"\\ud800"', '\ufffd'],
  ['{"\\udc00":["a\\uD800b"]}', { '\ufffd': ['a\ufffdb'] }],
  ['"\\ud83d\\ude00"', '\u{1f600}'],
  ['{"__proto__":"\\ud800"}', JSON.parse('{"__proto__":"\ufffd"}')],
  ['"\\u0041"', 'A'],
];

for (const [json, expected] of rows) {
  test(`JSON ${json} – read – has no half of a surrogate pair`, () => {
    assert.deepEqual(wellFormed(JSON.parse(json), Buffer.from(json)), expected);
  });
}
