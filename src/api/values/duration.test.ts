import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { humanAge, humanDuration } from './duration.ts';

describe('durations – printed – are shortened as upstream', () => {
  const cases: [number, string][] = [
    [-2, '<invalid>'],
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [200, '3m20s'],
    [600, '10m'],
    [10_800, '3h'],
    [12_000, '3h20m'],
    [8 * 3600, '8h'],
    [50 * 3600, '2d2h'],
    [9 * 86_400, '9d'],
    [3 * 365 * 86_400, '3y'],
    [10 * 365 * 86_400 + 5 * 86_400, '10y'],
  ];
  for (const [seconds, text] of cases) {
    test(`${seconds} s`, () => {
      assert.equal(humanDuration(seconds * 1000), text);
    });
  }
});

test('an age – without a time – is unknown', () => {
  assert.equal(humanAge('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:00:05Z')), '5s');
  assert.equal(humanAge(undefined, 0), '<unknown>');
});
