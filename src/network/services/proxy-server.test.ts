/** What the service proxy does when another program has its port. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { HealthChecks } from './health-checks.ts';
import { ProxyPort } from './proxy-server.ts';

async function takenPort(t: TestContext, host: string) {
  const other = createServer((_request, response) => response.end('other'));
  other.listen(0, host);
  await once(other, 'listening');
  t.after(() => other.close());
  return {
    port: (other.address() as AddressInfo).port,
    release: () => new Promise((resolve) => other.close(resolve)),
  };
}

/** `said` resolves with the next line. */
function listenedLog() {
  let say: (text: string) => void;
  let next = new Promise<string>((resolve) => (say = resolve));
  const note = (text: string) => {
    say(text);
    next = new Promise((resolve) => (say = resolve));
  };
  return { log: { ...silentLog, info: note, warn: note }, said: () => next };
}

const answerOf = async (port: number) => (await fetch(`http://127.0.0.1:${port}/healthz`)).text();

test('a port of the service proxy – another program has it, and ends – is logged, and served from the next try on', async (t) => {
  const clock = new VirtualClock();
  const { log, said } = listenedLog();
  const { port, release } = await takenPort(t, '127.0.0.1');
  const logged = said();
  const proxy = new ProxyPort(
    { clock, log },
    { host: '127.0.0.1', port },
    {
      '/healthz': () => ({ status: 200, headers: {}, body: 'own' }),
    },
  );
  t.after(() => proxy.stop());
  assert.match(await logged, /another cluster of this machine may answer there/);
  assert.equal(await answerOf(port), 'other');
  await release();
  const served = said();
  await clock.advance(5000);
  assert.match(await served, /answers at its port now/);
  assert.equal(await answerOf(port), 'own');
});

test('healthCheckNodePort – another program has the port, and ends – is served from the next update on', async (t) => {
  const { log, said } = listenedLog();
  const { port, release } = await takenPort(t, '::');
  const recorder = { event() {} };
  const checks = new HealthChecks({ log, nodeName: 'n1', recorder, isProxyHealthy: () => true });
  t.after(() => checks.stop());
  const check = { port, namespace: 'a', name: 'web', localEndpoints: 1 };
  const logged = said();
  checks.update([check]);
  assert.equal(await logged, 'no health check');
  await release();
  checks.update([check]);
  const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
  assert.equal(answer?.status, 200);
});
