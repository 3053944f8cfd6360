import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { ClientMetrics } from './measured.ts';

test('requests of a measured transport – answered and lost – are counted by code and timed by method', async () => {
  const clock = new VirtualClock();
  const metrics = new ClientMetrics(clock, 'there');
  const transport = metrics.measured({
    async request({ path }) {
      await clock.advance(20);
      if (path === '/lost') throw new Error('lost');
      return { status: 404, headers: {}, body: new Uint8Array() };
    },
    close: async () => {},
  });
  const request = { method: 'GET', path: '/', headers: {} };
  assert.equal((await transport.request(request)).status, 404);
  await assert.rejects(transport.request({ ...request, path: '/lost' }), /lost/);
  const [requests, durations] = metrics.metrics.map((metric) => [...metric.readings()]);
  assert.deepEqual(requests, [
    [{ code: '404', host: 'there', method: 'GET' }, 1],
    [{ code: '<error>', host: 'there', method: 'GET' }, 1],
  ]);
  const [[labels, value] = []] = durations ?? [];
  assert.deepEqual(labels, { verb: 'GET', host: 'there' });
  assert.ok(typeof value === 'object' && value.counts[1] === 2 && Math.abs(value.sum - 0.04) < 1e-9);
});
