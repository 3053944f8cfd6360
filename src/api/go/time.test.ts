import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf, upstreamTable } from '#testing/upstream-table.ts';
import { canonicalMicroTime, canonicalTime } from './time.ts';

/** Go's JSON of a time: a string, or null. */
const asAnswer = (cell: string) => (cell.startsWith('!') ? cell : JSON.parse(cell));

test('times – read, rejected and written – as metav1.Time and MicroTime', () => {
  for (const [text = '', time = '', microTime = ''] of upstreamTable('times.jsonl')) {
    const found = [answerOf(() => canonicalTime(text)), answerOf(() => canonicalMicroTime(text))];
    assert.deepEqual(found, [asAnswer(time), asAnswer(microTime)], text);
  }
});
