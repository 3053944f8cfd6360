/** Bad input in every run of the tests: new cases are found by `npm run fuzz`, with other seeds. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz } from './run.ts';

const requests = 20_000;
const heapGrowthBytesMax = 200 * 2 ** 20;

test('the API server – 20,000 requests of bad input – answers as upstream would and keeps nothing', async () => {
  const report = await fuzz({ seed: 13, requests });
  const faults = report.found.map(({ number, what, why }) => `--seed 13 --only ${number}: ${what}\n${why}`);
  assert.deepEqual(faults, []);
  assert.ok(report.requests >= requests);
  const [early, end] = report.heapBytes;
  assert.ok(end - early < heapGrowthBytesMax, `the heap grew from ${early} to ${end} bytes`);
});
