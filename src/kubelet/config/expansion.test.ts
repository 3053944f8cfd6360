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
  ['$(A', '$(A'],
  ['$()', '$()'],
  ['$($(A))', '$($(A))'],
  ['$(A(B))', 'paren)'],
  ['$(A)(B)', 'one(B)'],
  ['$($(A)', '$($(A)'],
  ['$(A$(B))', '$(A$(B))'],
  ['$$($(A))', '$(one)'],
  ['$($$(A))', '$($$(A))'],
  ['$(two\nlines)', 'both'],
  ['$é$(A)', '$éone'],
  ['100$', '100$'],
];

for (const [text, expected] of table) {
  test(JSON.stringify(text), () =>
    assert.equal(
      expand(text, (name) => ({ A: 'one', B: '', 'A(B': 'paren', 'two\nlines': 'both' })[name]),
      expected,
    ),
  );
}
