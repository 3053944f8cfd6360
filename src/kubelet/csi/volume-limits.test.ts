import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csiDrivers } from '#api/generated/kinds.gen.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#host/system-env.ts';
import { StaticInformers } from '#testing/controllers/static-informers.ts';
import { storedMetadata } from '#testing/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { VolumeLimits } from './volume-limits.ts';

const object = (nodeAllocatableUpdatePeriodSeconds?: number) => ({
  metadata: storedMetadata('d'),
  spec: nodeAllocatableUpdatePeriodSeconds === undefined ? {} : { nodeAllocatableUpdatePeriodSeconds },
});

function open() {
  const clock = new VirtualClock();
  const informers = new StaticInformers();
  const updated: number[] = [];
  const registered = new Set(['d']);
  const limits = new VolumeLimits(
    { clock, random: systemRandom, log: silentLog },
    informers.for(csiDrivers),
    {
      isRegistered: (name) => registered.has(name),
      update: async () => {
        updated.push(clock.monotonicMs() / 1000);
        if (updated.length === 1) throw new Error('the driver is away');
      },
    },
  );
  return { clock, informers, updated, registered, limits };
}

test('a registered driver with a period – is asked again each time, also after a failure', async () => {
  const { clock, informers, updated, limits } = open();
  informers.put(csiDrivers, object(10));
  await clock.advance(35_000);
  assert.deepEqual(updated, [10, 20, 30]);
  assert.ok(limits.areKept('d'));
  limits.stop();
  assert.equal(clock.pendingTimers(), 0);
});

test('a driver – its period changes, then goes – is asked at the new one, then no more', async () => {
  const { clock, informers, updated, limits } = open();
  informers.put(csiDrivers, object(10));
  await clock.advance(15_000);
  informers.put(csiDrivers, object(30));
  await clock.advance(30_000);
  informers.put(csiDrivers, object());
  await clock.advance(100_000);
  assert.deepEqual(updated, [10, 45]);
  assert.equal(limits.areKept('d'), false);
});

test('a driver – not registered, then registered, then away – is asked while it is registered', async () => {
  const { clock, informers, updated, registered, limits } = open();
  registered.clear();
  informers.put(csiDrivers, object(10));
  await clock.advance(15_000);
  registered.add('d');
  limits.sync('d');
  await clock.advance(10_000);
  registered.clear();
  limits.sync('d');
  await clock.advance(100_000);
  assert.deepEqual(updated, [25]);
});
