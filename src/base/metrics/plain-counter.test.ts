import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlainCounter } from './plain-counter.ts';

test('a counter without labels – that has counted nothing – is shown as zero, and then by what it counted', () => {
  const counter = new PlainCounter('things_total', 'Things.');
  assert.deepEqual([...counter.readings()], [[{}, 0]]);
  counter.value += 2;
  assert.deepEqual([...counter.readings()], [[{}, 2]]);
});
