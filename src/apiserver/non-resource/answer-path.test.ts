import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { startTestServer } from '#testing/server/test-server.ts';

test('/metrics – two requests in one turn of the event loop, and a later one – are written once, and again', async (t) => {
  const { transport, stop } = await startTestServer();
  t.after(stop);
  const written = t.mock.method(Registry.prototype, 'metrics');
  const ask = () => transport.request({ method: 'GET', path: '/metrics', headers: {} });
  const answers = await Promise.all([ask(), ask()]);
  assert.deepEqual([answers.map(({ status }) => status), written.mock.callCount()], [[200, 200], 1]);
  await new Promise((resolve) => setImmediate(resolve));
  await ask();
  assert.equal(written.mock.callCount(), 2);
});
