import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf, upstreamTable } from '#testing/upstream-table.ts';
import { scalarDecoders } from '../schema/decode-scalars.ts';

test("base64 – read and written – as Go's []byte, or rejected at the same byte", () => {
  for (const [text = '', answer] of upstreamTable('base64.jsonl')) {
    assert.equal(
      answerOf(() => scalarDecoders.bytes(text)),
      answer,
      JSON.stringify(text),
    );
  }
});
