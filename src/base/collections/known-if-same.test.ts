import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { knownIfSame } from './known-if-same.ts';

describe('a part – compared with a known one – is replaced if its members are the same in the same order', () => {
  const list: object = [];
  const known = { a: '1', b: list };
  const cases: [title: string, given: object, isReplaced: boolean][] = [
    ['the same members', { a: '1', b: list }, true],
    ['another order', { b: list, a: '1' }, false],
    ['another value', { a: '2', b: list }, false],
    ['an equal list that is not the same', { a: '1', b: [] }, false],
    ['a member less', { a: '1' }, false],
    ['a member more', { a: '1', b: list, c: '' }, false],
  ];
  for (const [title, given, isReplaced] of cases) {
    test(title, () => assert.equal(knownIfSame<object>(known, given), isReplaced ? known : given));
  }
});
