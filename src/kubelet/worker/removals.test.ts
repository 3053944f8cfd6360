import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#host/system-env.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { Removals } from './removals.ts';

function open() {
  const clock = new VirtualClock();
  const removals = new Removals({ clock, random: systemRandom, log: silentLog });
  const begun: string[] = [];
  const release = Promise.withResolvers<void>();
  const remove = async (uid: string) => {
    begun.push(uid);
    if (uid.startsWith('hangs')) await release.promise;
    if (uid.startsWith('fails')) throw new Error('it is busy');
  };
  return { clock, removals, begun, release, remove };
}

test('removals – all places hang – go on with the others after a while, and are not waited for', async () => {
  const { clock, removals, begun, remove } = open();
  let isDone = false;
  const run = removals.run(['hangs-1', 'hangs-2', 'a', 'b'], 2, remove).then(() => {
    isDone = true;
  });
  await clock.advance(4_000);
  assert.deepEqual([begun, isDone], [['hangs-1', 'hangs-2'], false]);
  await clock.advance(1_000);
  await run;
  assert.deepEqual(begun, ['hangs-1', 'hangs-2', 'a', 'b']);
});

test('a removal that hangs – asked for again – is begun a second time only when it has ended', async () => {
  const { clock, removals, begun, release, remove } = open();
  const first = removals.run(['hangs'], 1, remove);
  await clock.advance(5_000);
  await first;
  await removals.run(['hangs', 'a'], 1, remove);
  assert.deepEqual(begun, ['hangs', 'a']);
  release.resolve();
  await clock.advance(0);
  await removals.run(['hangs'], 1, remove);
  assert.deepEqual(begun, ['hangs', 'a', 'hangs']);
  assert.equal(clock.pendingTimers(), 0);
});

test('a removal that fails – keeps no other from its turn, and is begun again the next time', async () => {
  const { removals, begun, remove } = open();
  await removals.run(['fails', 'a'], 1, remove);
  await removals.run(['fails'], 1, remove);
  assert.deepEqual(begun, ['fails', 'a', 'fails']);
});
