import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aggregateText } from './aggregate.ts';

test('an aggregate – of one error – is its text', () => {
  assert.equal(aggregateText(['a']), 'a');
});

test('an aggregate – of equal errors – is one text without brackets', () => {
  assert.equal(aggregateText(['a', 'a']), 'a');
});

test('an aggregate – of several errors – has each once, in their order, in brackets', () => {
  assert.equal(aggregateText(['b', 'a', 'b']), '[b, a]');
});
