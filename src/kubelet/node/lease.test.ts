import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leases } from '#api/generated/kinds.gen.ts';
import { notFound } from '#api/meta/status.ts';
import { silentLog } from '#base/log.ts';
import type { Client } from '#client/client.ts';
import { systemRandom } from '#host/system-env.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { LeaseLoop } from './lease.ts';

const intervalMs = 10_000;

function setUp() {
  const clock = new VirtualClock();
  /** How often each lease was renewed. */
  const renewed = new Map<string, number>();
  const absent = new Set<string>();
  const created: string[] = [];
  const unreachable = new Set<string>();
  const client = {
    async patch(_type: unknown, { name }: { name: string }) {
      if (unreachable.has(name)) throw new Error('connect ETIMEDOUT');
      if (absent.has(name)) throw notFound(leases, name);
      renewed.set(name, (renewed.get(name) ?? 0) + 1);
    },
    async create(_type: unknown, { metadata }: { metadata: { name: string } }) {
      absent.delete(metadata.name);
      created.push(metadata.name);
    },
  } as unknown as Client;
  const loop = new LeaseLoop({ clock, random: systemRandom, log: silentLog });
  return { clock, renewed, absent, created, unreachable, loop, client };
}

test('leases – of any number of nodes – are each renewed once in their interval', async () => {
  const { client, clock, renewed, loop } = setUp();
  const names = Array.from({ length: 50 }, (_, index) => `n${index}`);
  for (const nodeName of names) await loop.add({ client, nodeName, nodeUid: 'u' });
  assert.equal(clock.pendingTimers(), 1);
  renewed.clear();
  await clock.advance(3 * intervalMs);
  assert.deepEqual(renewed, new Map(names.map((name) => [name, 3])));
  loop.stop();
  assert.equal(clock.pendingTimers(), 0);
});

test('a lease – of a node added twice – is renewed once, of a removed one never', async () => {
  const { client, clock, renewed, loop } = setUp();
  for (const nodeName of ['twice', 'twice', 'left']) await loop.add({ client, nodeName, nodeUid: 'u' });
  loop.remove('left');
  renewed.clear();
  await clock.advance(intervalMs);
  assert.deepEqual(renewed, new Map([['twice', 1]]));
  loop.stop();
});

test('a lease – that is missing – is created', async () => {
  const { client, clock, renewed, absent, created, loop } = setUp();
  absent.add('new');
  await loop.add({ client, nodeName: 'new', nodeUid: 'u' });
  await clock.advance(intervalMs);
  assert.deepEqual(created, ['new']);
  assert.equal(renewed.get('new'), 1);
  loop.stop();
});

test('a lease – that could not be renewed for a while – is renewed, and its owner is called once', async () => {
  const { client, clock, unreachable, loop } = setUp();
  const calls: string[] = [];
  for (const nodeName of ['cut', 'well']) {
    await loop.add({ client, nodeName, nodeUid: 'u', onRenewedAgain: () => void calls.push(nodeName) });
  }
  unreachable.add('cut');
  await clock.advance(3 * intervalMs);
  assert.deepEqual(calls, []);
  unreachable.clear();
  await clock.advance(3 * intervalMs);
  assert.deepEqual(calls, ['cut']);
  loop.stop();
});
