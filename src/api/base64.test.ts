import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scalarDecoders } from './decode-scalars.ts';
import { answerOf, upstreamTable } from './upstream-tables/upstream-table.ts';

test('base64 – read and written again as a []byte of Go, or refused at the same byte', () => {
  for (const [text = '', answer] of upstreamTable('base64.jsonl')) {
    assert.equal(
      answerOf(() => scalarDecoders.bytes(text)),
      answer,
      JSON.stringify(text),
    );
  }
});
