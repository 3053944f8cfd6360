import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { withoutEnding } from './without-ending.ts';

describe('withoutEnding – a repeated character – is removed at the end, kept elsewhere', () => {
  const cases: [string, string, number, string][] = [
    ['/a//b//', '/', 0, '/a//b'],
    ['//', '/', 0, ''],
    ['//', '/', 1, '/'],
    ['1001000', '0', 0, '1001'],
    ['', '0', 0, ''],
  ];
  for (const [text, character, keep, expected] of cases) {
    test(`${text} without ${character}, keeping ${keep}`, () => {
      assert.equal(withoutEnding(text, character, keep), expected);
    });
  }
  const long = `${'/'.repeat(1_000_000)}x`;
  test('a million characters', () => {
    assert.equal(withoutEnding(long, '/'), long);
  });
});
