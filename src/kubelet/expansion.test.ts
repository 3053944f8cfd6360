import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expand } from './expansion.ts';

const table: [text: string, expected: string][] = [
  ['plain', 'plain'],
  ['$(A)', 'one'],
  ['x$(A)y$(B)', 'xoney'],
  ['$(NONE)', '$(NONE)'],
  ['$$(A)', '$(A)'],
  ['$$$(A)', '$one'],
  ['$$$$(A)', '$$(A)'],
  ['$A', '$A'],
  ['$(', '$('],
  ['100$', '100$'],
];

for (const [text, expected] of table) {
  test(text, () =>
    assert.equal(
      expand(text, (name) => ({ A: 'one', B: '' })[name]),
      expected,
    ),
  );
}
