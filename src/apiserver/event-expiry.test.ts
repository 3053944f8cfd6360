/** Events are gone an hour after their last write, not before. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { events } from '#api/kinds.gen.ts';
import { rfc3339 } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#host/system-env.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { startTestServer } from './testing-server.ts';

const minuteMs = 60_000;

async function start() {
  const clock = new VirtualClock();
  const server = await startTestServer({ env: { clock, random: systemRandom, log: silentLog } });
  const event = (name: string) => ({
    metadata: { name, namespace: 'default' },
    involvedObject: { namespace: 'default', name: 'x' },
    lastTimestamp: rfc3339(clock.now()),
  });
  const names = async () => (await server.client.list(events)).items.map((one) => one.metadata.name);
  return { clock, server, event, names };
}

test('an event that is seen again lives longer', async () => {
  const { clock, server, event, names } = await start();
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
  }
});

test('a wall clock that jumps takes no event away, and keeps none for longer', async () => {
  const { clock, server, event, names } = await start();
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
  }
});
