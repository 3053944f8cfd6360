import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonPath } from './json-path.ts';

const object = {
  a: { b: 1, 'c.d': 2 },
  list: [
    { type: 'Ready', status: 'True', n: 3 },
    { type: 'Other', status: 'False', n: 5 },
  ],
};

const rows: [string, unknown[]][] = [
  ['.a.b', [1]],
  ['.a.x', []],
  ["['a']['c.d']", [2]],
  ['.a.c\\.d', [2]],
  ['.list[0].type', ['Ready']],
  ['.list[-1].type', ['Other']],
  ['.list[*].n', [3, 5]],
  ['.list[0:1].n', [3]],
  ['.list[0,1].n', [3, 5]],
  ['.list[?(@.type=="Ready")].status', ['True']],
  ['.list[?(@.n>3)].type', ['Other']],
  ['..status', ['True', 'False']],
];

for (const [path, expected] of rows) {
  test(`the path ${path} – in an object – finds ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(jsonPath(path)?.(object), expected);
  });
}

test('a path – that is invalid – is undefined', () => {
  assert.deepEqual(['.a[', '.a[b]', '.a[?(@.b'].map(jsonPath), [undefined, undefined, undefined]);
});
