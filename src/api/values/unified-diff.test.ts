/** Unified diffs, including texts too large for a comparison of every pair of lines. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unifiedDiff } from './unified-diff.ts';

const numbered = (count: number, word: string) => Array.from({ length: count }, (_, i) => `${word} ${i}`);
const text = (...parts: string[][]) => parts.flat().join('\n');

test('a changed line – between unchanged lines – is shown with three lines of context', () => {
  const [head, tail] = [numbered(10, 'head'), numbered(10, 'tail')];
  assert.equal(
    unifiedDiff(text(head, ['old'], tail), text(head, ['new'], tail)),
    '@@ -8,7 +8,7 @@\n head 7\n head 8\n head 9\n-old\n+new\n tail 0\n tail 1\n tail 2\n',
  );
});

test('240,000 lines inserted into 30,000 – the shown lines are truncated, with the number of the rest', () => {
  const entries = numbered(60_000, 'Name').flatMap((name) => ['{', name, '"Value": "x"', '},']);
  const containers = numbered(3000, 'c').flatMap((name) => ['{', name, ...Array(7).fill('null,'), '},']);
  const at = 5;
  const lines = unifiedDiff(
    text(containers),
    text(containers.slice(0, at), entries, containers.slice(at)),
  ).split('\n');
  assert.deepEqual(lines.slice(0, 4), ['@@ -3,6 +3,240006 @@', ' null,', ' null,', ' null,']);
  assert.equal(lines[4], '+{');
  assert.equal(lines.at(-2), '... (238007 more lines)');
  assert.equal(lines.length, 2002);
});

test('30,000 containers that all change – equal lines at both ends – are not shown as changed', () => {
  const textWith = (word: string) => text(['head'], numbered(30_000, word), numbered(3, 'end'));
  const lines = unifiedDiff(textWith('old'), textWith('new')).split('\n');
  assert.deepEqual(lines.slice(0, 3), ['@@ -1,30004 +1,30004 @@', ' head', '-old 0']);
  assert.equal(lines.at(-2), '... (58005 more lines)');
});
