import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nestingMax, tooDeepAt } from './nesting.ts';

/** At each offset in memory, since the text is read in words. */
function eachOffset(text: string, check: (bytes: Uint8Array) => void): void {
  for (let offset = 0; offset < 4; offset++) check(Buffer.from(' '.repeat(offset) + text).subarray(offset));
}

describe('nesting – at the limit, and a level deeper – only the latter is too deep, at its character', () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
    ['[{"[":', '}]'],
  ] as const) {
    test(JSON.stringify(open), () => {
      const levels = nestingMax / (close.length === 2 ? 2 : 1);
      const nested = (count: number) => `${open.repeat(count)}1${close.repeat(count)}`;
      eachOffset(nested(levels), (json) => assert.equal(tooDeepAt(json), undefined));
      eachOffset(nested(levels + 1), (json) => assert.equal(tooDeepAt(json), open.length * levels));
    });
  }
});

test('nesting – many brackets side by side, or in strings – is not deep', () => {
  eachOffset(`[${'[],{},'.repeat(2000)}[]]`, (json) => assert.equal(tooDeepAt(json), undefined));
  eachOffset(`["${'[{'.repeat(2000)}"]`, (json) => assert.equal(tooDeepAt(json), undefined));
});
