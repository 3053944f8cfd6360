import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { listenHttp } from '#host/http/http-listener.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { MetricsServer } from './metrics-server.ts';

const host = '127.0.0.1';

async function statusOf(port: number, path: string): Promise<[number, string]> {
  const response = await fetch(`http://${host}:${port}${path}`);
  return [response.status, await response.text()];
}

test('the port of metrics – another program has it – is tried again, and then serves metrics, health and readiness', async (t) => {
  const other = await listenHttp({ host, port: 0 }, () => ({ status: 200, headers: {}, body: 'other' }));
  const { port } = other;
  const clock = new VirtualClock();
  const server = new MetricsServer({ env: { clock, log: silentLog }, host, port, page: () => 'page' });
  t.after(() => server.stop());
  while (clock.pendingTimers() === 0) await new Promise(setImmediate);
  assert.deepEqual(await statusOf(port, '/ready'), [200, 'other']);
  other.close();
  await clock.advance(30_000);
  while ((await statusOf(port, '/ready').catch(() => undefined)) === undefined) {
    await new Promise(setImmediate);
  }
  assert.deepEqual(await statusOf(port, '/metrics'), [200, 'page']);
  assert.deepEqual(await statusOf(port, '/health'), [200, 'OK']);
  assert.deepEqual(await statusOf(port, '/other'), [404, '404 page not found\n']);
});
