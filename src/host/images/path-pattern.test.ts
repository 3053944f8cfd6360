import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathPattern } from './path-pattern.ts';

// biome-ignore format: a table
const rows: [pattern: string, fitting: string[], others: string[]][] = [
  ['a.b', ['a.b'], ['acb', 'a.bc', 'xa.b', '']],
  ['*', ['a', ''], ['a/b']],
  ['a*c', ['ac', 'abbc', 'acbc'], ['ab', 'a/c', 'acb']],
  ['?', ['a', 'é', '😀'], ['', 'ab', '/']],
  ['[a-c]x', ['ax', 'cx'], ['dx', 'x']],
  ['[^a-c]x', ['dx'], ['ax', '/x']],
  ['a\\*', ['a*'], ['ab', 'a\\*']],
  ['**', ['', 'a', 'a/b/c'], []],
  ['**/c', ['c', 'a/c', 'a/b/c'], ['ac', 'a/bc', 'c/d']],
  ['a/**/c', ['a/c', 'a/b/c', 'a/b/b/c'], ['ac', 'a/bc']],
  ['a/**', ['a/b', 'a/b/c', 'a/'], ['a', 'b/a']],
  ['**/**/x', ['x', 'a/x', 'a/b/x'], ['ax']],
];
for (const [pattern, fitting, others] of rows) {
  test(`the pattern ${pattern} – of paths – matches ${fitting.map((path) => JSON.stringify(path)).join(', ')}`, () => {
    const matches = pathPattern(pattern);
    assert.deepEqual([...fitting, ...others].filter(matches), fitting);
  });
}

for (const pattern of ['[b', '[', '[b-a]']) {
  test(`the pattern ${pattern} – without meaning – is refused`, () => {
    assert.throws(() => pathPattern(pattern));
  });
}

// Each takes minutes where one way after the other is tried.
const costly: [pattern: string, path: string][] = [
  [`${'*a'.repeat(30)}*b`, 'a'.repeat(255)],
  [`${'**/a*'.repeat(20)}b`, 'a/'.repeat(100)],
  ['**/'.repeat(100), 'a/'.repeat(500).concat('b')],
  [`${'**'.repeat(500)}b`, 'a'.repeat(255)],
];
for (const [pattern, path] of costly) {
  test(`the pattern ${pattern.slice(0, 12)}… – with many ways to fail – is soon matched`, {
    timeout: 20_000,
  }, () => {
    assert.equal(pathPattern(pattern)(path), false);
  });
}
