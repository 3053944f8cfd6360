import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compiledSize } from './expression-size.ts';

const sizes: readonly [pattern: string, size: number][] = [
  ['', 0],
  ['abc', 3],
  ['a\\.b', 3],
  ['a{3}', 3],
  ['a{2,5}', 5],
  ['a{7,}', 8],
  ['(ab){10}', 30],
  ['((a{10}){10}){10}', 1110 + 10],
  ['a{b}', 3],
  ['(a', 2],
];

for (const [pattern, size] of sizes) {
  test(`size of an expression – ${pattern || 'empty'} – ${size} instructions`, () => {
    const got = compiledSize(pattern);
    assert.ok(Math.abs(got - size) <= size / 5 + 1, `${got}`);
  });
}
