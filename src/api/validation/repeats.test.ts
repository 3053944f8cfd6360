import assert from 'node:assert/strict';
import { test } from 'node:test';
import { repeats } from './repeats.ts';

test('repeats – a value a second and a third time – are found, the first time not', () => {
  assert.deepEqual(repeats(['a', 'b', 'a', '', 'a', '']), [false, false, true, false, true, true]);
  assert.deepEqual(repeats([]), []);
});
