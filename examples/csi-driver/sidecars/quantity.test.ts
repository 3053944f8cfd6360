import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf } from './quantity.ts';

const rows: [text: string, bytes: number][] = [
  ['0', 0],
  ['512', 512],
  ['1k', 1000],
  ['1Ki', 1024],
  ['1.5Gi', 1610612736],
];
for (const [text, bytes] of rows) {
  test(`a size – ${text} – is ${bytes}`, () => assert.equal(bytesOf(text), bytes));
}

test('a size – that is none – is an error', () => {
  assert.throws(() => bytesOf('1Zi'), { message: 'not a size: 1Zi' });
});
