import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutEnding } from './without-ending.ts';

test('what repeats at the end goes, what stands elsewhere stays', () => {
  const cases: [string, string, number, string][] = [
    ['/a//b//', '/', 0, '/a//b'],
    ['//', '/', 0, ''],
    ['//', '/', 1, '/'],
    ['1001000', '0', 0, '1001'],
    ['', '0', 0, ''],
  ];
  for (const [text, sign, keep, expected] of cases) assert.equal(withoutEnding(text, sign, keep), expected);
  const long = `${'/'.repeat(1_000_000)}x`;
  assert.equal(withoutEnding(long, '/'), long);
});
