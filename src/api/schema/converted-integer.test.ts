import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asConverted } from './converted-integer.ts';

describe('a number – converted to an integer – loses its upper bits', () => {
  const cases: [value: unknown, kind: 'int32' | 'int64' | 'string', expected: unknown][] = [
    [7, 'int32', 7],
    [2 ** 31, 'int32', -(2 ** 31)],
    [2 ** 32 + 5, 'int32', 5],
    [1e300, 'int32', 0],
    [1e300, 'int64', -(2 ** 63)],
    [2 ** 40, 'int64', 2 ** 40],
    [1.5, 'int32', 1.5],
    ['7', 'int32', '7'],
    [7, 'string', 7],
  ];
  for (const [value, kind, expected] of cases) {
    test(`${value} as ${kind}`, () => assert.equal(asConverted(value, kind), expected));
  }
});
