import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textTable } from './table.ts';

test('a table – of cells of different widths – is aligned, and its last column is not padded', () => {
  const rows = [
    ['NAME', 'AGE'],
    ['a', '12'],
    ['longer', '1'],
  ];
  assert.equal(textTable(rows), 'NAME    AGE\na       12\nlonger  1');
});
