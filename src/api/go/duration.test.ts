import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { goDurationText, parseGoDuration } from './duration.ts';

describe('Go durations – valid ones – are read as by Go', () => {
  const cases: [string, bigint][] = [
    ['0', 0n],
    ['5s', 5000000000n],
    ['-1.5h', -5400000000000n],
    ['+.5s', 500000000n],
    ['1.s', 1000000000n],
    ['2h45m', 9900000000000n],
    ['1m0.5s', 60500000000n],
    ['300ms', 300000000n],
    ['5us', 5000n],
    ['5\u00b5s', 5000n],
  ];
  for (const [text, nanoseconds] of cases) {
    test(text, () => {
      assert.equal(parseGoDuration(text), nanoseconds);
    });
  }
});

describe("Go durations – invalid ones – have Go's messages", () => {
  const cases: [string, string][] = [
    ['', 'time: invalid duration ""'],
    ['invalid', 'time: invalid duration "invalid"'],
    ['-', 'time: invalid duration "-"'],
    ['.s', 'time: invalid duration ".s"'],
    ['5', 'time: missing unit in duration "5"'],
    ['1m5', 'time: missing unit in duration "1m5"'],
    ['5S', 'time: unknown unit "S" in duration "5S"'],
    ['1d', 'time: unknown unit "d" in duration "1d"'],
    ['5 s', 'time: unknown unit " s" in duration "5 s"'],
    ['9999999h', 'time: invalid duration "9999999h"'],
    [`${'9'.repeat(40)}s`, `time: invalid duration "${'9'.repeat(40)}s"`],
  ];
  for (const [text, message] of cases) {
    test(text, () => {
      assert.throws(() => parseGoDuration(text), { message });
    });
  }
});

test('a duration – of any unit and sign – is read as Go writes it', () => {
  assert.deepEqual([0, 234, 1561, 10_000, 80_000, 300_000, 3_600_000].map(goDurationText), [
    '0s',
    '234ms',
    '1.561s',
    '10s',
    '1m20s',
    '5m0s',
    '1h0m0s',
  ]);
});
