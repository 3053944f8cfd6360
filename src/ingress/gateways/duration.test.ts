import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDurationMs } from './duration.ts';

const rows: [string, number][] = [
  ['0s', 0],
  ['500ms', 500],
  ['1m30s', 90_000],
  ['1h2m3s4ms', 3_723_004],
];
for (const [text, ms] of rows) {
  test(`a duration ${text} – read – is ${ms} ms`, () => assert.equal(readDurationMs(text), ms));
}
