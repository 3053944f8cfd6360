/** Costly parts of a validation leave the event loop to others. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resourceClaims } from '#api/generated/kinds.gen.ts';
import { systemEnv } from '#host/system-env.ts';
import { startTestServer } from '#testing/server/test-server.ts';

test('a claim – with selectors that take long to compile – is created while the event loop turns', async () => {
  await using api = await startTestServer({ env: systemEnv() });
  const long = 'device.attributes["d"].a == 1 && '.repeat(250);
  const request = (i: number) => {
    const selectors = [0, 1, 2].map((j) => ({ cel: { expression: `${long}${i} < ${j}` } }));
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
  assert.ok(turns - before >= 5, `${turns - before} turns`);
});
