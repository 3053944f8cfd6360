import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyMergePatch } from './merge-patch.ts';

describe('JSON merge patch – the cases of RFC 7386 – give their results', () => {
  const cases: [unknown, unknown, unknown][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    // Beyond the RFC, as upstream's library.
    [{ a: [1] }, { a: [{ b: null, c: 1 }, null] }, { a: [{ c: 1 }, null] }],
    [{ a: {} }, { a: [{ b: null }] }, { a: [{ b: null }] }],
  ];
  for (const [document, patch, expected] of cases) {
    test(JSON.stringify(patch), () => {
      const before = structuredClone(document);
      assert.deepEqual(applyMergePatch(document, patch), expected);
      assert.deepEqual(document, before);
    });
  }
});
