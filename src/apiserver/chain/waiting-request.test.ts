/**
 * A request that waits is answered also in a process that has nothing else to do: what it waits with is held.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock, Timer } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import { adminUser } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { startKubeApiServer } from '../server/kube-api-server.ts';

/** Counts the timers that hold the process. */
class WatchedClock extends VirtualClock implements Clock {
  held = 0;

  override after(delayMs: number, fn: () => void, options?: { holdsProcess?: boolean }): Timer {
    if (options?.holdsProcess) this.held++;
    return super.after(delayMs, fn);
  }
}

test('a waiting request – of a pod before its default account, a list of a later revision – holds the process by its timer', async () => {
  const clock = new WatchedClock();
  const env = { clock, random: systemRandom, log: silentLog };
  const store = openMemoryStore(env);
  const pki = await ensurePki({ ...env, store: memoryPkiStore() });
  const server = await startKubeApiServer({ env, store, pki, advertiseAddress: '192.0.2.1' });
  const statusAfter = async (method: string, path: string, body = '') => {
    const headers = { 'content-type': 'application/json' };
    const answer = server.transport(adminUser).request({ method, path, headers, body: Buffer.from(body) });
    await clock.advance(5000);
    return (await answer).status;
  };
  try {
    const before = clock.held;
    const pod = '{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}';
    assert.equal(await statusAfter('POST', '/api/v1/namespaces/default/pods', pod), 403);
    assert.ok(clock.held > before, 'the pod');
    const between = clock.held;
    assert.equal(await statusAfter('GET', '/api/v1/pods?resourceVersion=99999'), 504);
    assert.ok(clock.held > between, 'the list');
  } finally {
    await server.stop();
    await store.close();
  }
});
