/** Costly parts of a validation leave the event loop to others. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resourceClaims } from '#api/generated/kinds.gen.ts';
import type { Clock } from '#base/clock.ts';
import { systemEnv } from '#host/system-env.ts';
import { startTestServer } from '#testing/server/test-server.ts';

/** By this clock a few expressions take a whole turn of the event loop, on any machine. */
function slowClock(): Clock {
  let nowMs = 0;
  return Object.create(systemEnv().clock, { monotonicMs: { value: () => (nowMs += 4) } }) as Clock;
}

test('a claim – with many selectors to compile – is created while the event loop turns', async () => {
  await using api = await startTestServer({ env: { ...systemEnv(), clock: slowClock() } });
  const request = (i: number) => {
    const selectors = [0, 1, 2].map((j) => ({ cel: { expression: `${i} < ${j}` } }));
    return { name: `r${i}`, exactly: { deviceClassName: 'c', selectors } };
  };
  const requests = Array.from({ length: 32 }, (_, i) => request(i));
  let turns = 0;
  let timer = setImmediate(function count() {
    turns++;
    timer = setImmediate(count);
  });
  const before = turns;
  await api.client.create(resourceClaims, {
    metadata: { namespace: 'default', name: 'c' },
    spec: { devices: { requests } },
  } as never);
  clearImmediate(timer);
  assert.ok(turns - before >= requests.length, `${turns - before} turns`);
});
