import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTooMuch, watchHeap } from './heap.ts';

test('two thirds of the heap that live are too much', () => {
  assert.equal(isTooMuch({ used_heap_size: 64, heap_size_limit: 100 }), false);
  assert.equal(isTooMuch({ used_heap_size: 66, heap_size_limit: 100 }), true);
});

test('a process that has just begun is not short', () => {
  const watch = watchHeap();
  assert.equal(watch.isShort, false);
  watch.stop();
});
