import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rotationMs } from './rotation-time.ts';

for (const [chance, expectedMs] of [
  [0, 1700],
  [0.5, 1800],
  [0.999, 1899],
] as const) {
  test(`a certificate – by chance ${chance} – is renewed at ${expectedMs}`, () => {
    assert.equal(
      Math.floor(rotationMs({ fromMs: 1000, untilMs: 2000 }, { float: () => chance })),
      expectedMs,
    );
  });
}
