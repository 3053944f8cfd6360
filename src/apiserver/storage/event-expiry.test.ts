/** Events are gone an hour after their last write, not before. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { events } from '#api/generated/kinds.gen.ts';
import { rfc3339 } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#host/system-env.ts';
import { StoreFullError } from '#store/errors.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import type { Txn } from '#store/store.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';

const minuteMs = 60_000;

async function start() {
  const clock = new VirtualClock();
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (text: string) => void warnings.push(text) };
  const env = { clock, random: systemRandom, log };
  const store = openMemoryStore(env);
  const server = await startTestServer({ env, store });
  const event = (name: string) => ({
    metadata: { name, namespace: 'default' },
    involvedObject: { namespace: 'default', name: 'x' },
    lastTimestamp: rfc3339(clock.now()),
  });
  const names = async () => (await server.client.list(events)).items.map((event) => event.metadata.name);
  return { clock, server, store, event, names, warnings };
}

test('an event – updated – expires later', async () => {
  const { clock, server, store, event, names } = await start();
  try {
    await server.client.create(events, event('once'));
    await server.client.create(events, event('again'));
    await clock.advance(50 * minuteMs);
    assert.deepEqual(await names(), ['again', 'once']);
    const lastTimestamp = rfc3339(clock.now());
    await server.client.patch(events, { namespace: 'default', name: 'again' }, 'merge', { lastTimestamp });
    await clock.advance(15 * minuteMs);
    assert.deepEqual(await names(), ['again']);
    await clock.advance(60 * minuteMs);
    assert.deepEqual(await names(), []);
  } finally {
    await server.stop();
    await store.close();
  }
});

test('events – the wall clock jumps – neither expire early nor stay longer', async () => {
  const { clock, server, store, event, names } = await start();
  try {
    await server.client.create(events, event('before'));
    clock.jump(2 * 60 * minuteMs);
    await server.client.create(events, event('ahead'));
    await clock.advance(2 * minuteMs);
    clock.jump(-3 * 60 * minuteMs);
    await clock.advance(50 * minuteMs);
    assert.deepEqual(await names(), ['ahead', 'before']);
    await clock.advance(15 * minuteMs);
    assert.deepEqual(await names(), []);
  } finally {
    await server.stop();
    await store.close();
  }
});

test('a store – that rejects deletions – is logged once a sweep, and tried again', async (t) => {
  const { clock, server, store, event, names, warnings } = await start();
  try {
    for (const name of ['a', 'b', 'c']) await server.client.create(events, event(name));
    const refuse = (_: Txn) => Promise.reject(new StoreFullError('no space'));
    const full = t.mock.method(store, 'commit', refuse);
    await clock.advance(62 * minuteMs);
    const sweeps = full.mock.calls.filter((call) => call.arguments[0].ops[0]?.type === 'delete').length;
    assert.ok(sweeps > 0);
    assert.deepEqual(warnings, Array(sweeps).fill('old events could not be removed, trying again'));
    assert.deepEqual(await names(), ['a', 'b', 'c']);
    full.mock.restore();
    await clock.advance(minuteMs);
    assert.deepEqual(await names(), []);
  } finally {
    await server.stop();
    await store.close();
  }
});
