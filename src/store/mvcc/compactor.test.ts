import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#host/system-env.ts';
import { put } from '#testing/store/store-suite.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { openMemoryStore } from '../memory/store.ts';

test('history – older than the interval – goes, younger stays', async () => {
  const clock = new VirtualClock();
  const store = openMemoryStore({ clock, random: systemRandom, log: silentLog });
  try {
    await put(store, '/t/a', '1');
    await put(store, '/t/a', '2');
    await clock.advance(5 * 60_000);
    const marked = store.newestRevision();
    await put(store, '/t/a', '3');
    assert.ok(store.stats().compactedRevision <= 1);
    await clock.advance(5 * 60_000);
    assert.equal(store.stats().compactedRevision, marked);
  } finally {
    await store.close();
  }
  assert.equal(clock.pendingTimers(), 0);
});

test('history – over its bound in bytes – loses its older half', async () => {
  const clock = new VirtualClock();
  const options = { compaction: { historyBytesMax: 100_000 } };
  const store = openMemoryStore({ clock, random: systemRandom, log: silentLog }, options);
  try {
    for (let i = 0; i < 50; i++) await put(store, '/t/a', 'x'.repeat(4000));
    const fullBytes = store.stats().sizeBytes;
    await clock.advance(1000);
    const { compactedRevision, revision, sizeBytes } = store.stats();
    assert.ok(compactedRevision > 30 && compactedRevision < revision, `compacted at ${compactedRevision}`);
    assert.ok(sizeBytes < fullBytes / 2);
  } finally {
    await store.close();
  }
});
