import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem, problemOf } from './problem.ts';

test('problemOf – anything thrown – is one line and a hint', () => {
  const known = new Problem('no such thing', 'make one');
  assert.equal(problemOf(known), known);
  const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
  assert.equal(problemOf(full).hint, 'make room on the disk');
  assert.equal(problemOf(new Error('store: failed', { cause: full })).hint, 'make room on the disk');
  const odd = problemOf(new Error('line one\nline two', { cause: 'anything' }));
  assert.deepEqual([odd.message, odd.hint], ['line one line two', 'kybern doctor looks for the cause']);
  assert.equal(problemOf('thrown text').message, 'thrown text');
});
