import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { auditIds, auditEvent as event, recordingSink } from '#testing/server/audit-events.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { AuditMetrics } from '../audit-metrics.ts';
import { type BatchOptions, bufferedSink } from './buffered.ts';

/** `batches`: what has gone on, as ids. */
function start(options: BatchOptions) {
  const clock = new VirtualClock();
  const { batches, sink } = recordingSink();
  const buffered = bufferedSink({ clock }, sink, options, new AuditMetrics(silentLog));
  return { clock, buffered, batches: () => batches.map(auditIds) };
}

test('buffered events – a full batch, or the time is over – are sent; events that do not fit are lost', async () => {
  const { clock, buffered, batches } = start({ queuedMax: 5, batchMax: 3, waitMsMax: 1000 });
  buffered.process(['a', 'b'].map((id) => event(id)));
  assert.deepEqual(batches(), []);
  await clock.advance(1000);
  assert.deepEqual(batches(), [['a', 'b']]);
  buffered.process(['c', 'd', 'e', 'f', 'g', 'lost'].map((id) => event(id)));
  await buffered.close();
  assert.deepEqual(batches().slice(1), [
    ['c', 'd', 'e'],
    ['f', 'g'],
  ]);
});

test('buffered events – after close – are lost, and no request waits for them', async () => {
  const { buffered, batches } = start({ queuedMax: 5, batchMax: 1, waitMsMax: 1000 });
  await buffered.close();
  assert.equal(buffered.process([event('late')]), true);
  assert.deepEqual(batches(), []);
});

test('buffered events – more batches than the throttle allows – wait their turn', async () => {
  const throttle = { batchesPerSecond: 10, burst: 2 };
  const { clock, buffered, batches } = start({ queuedMax: 100, batchMax: 1, waitMsMax: 1000, throttle });
  for (const id of ['a', 'b', 'c', 'd']) buffered.process([event(id)]);
  await clock.advance(0);
  assert.deepEqual(batches(), [['a'], ['b']]);
  await clock.advance(100);
  assert.deepEqual(batches(), [['a'], ['b'], ['c']]);
  await clock.advance(100);
  assert.deepEqual(batches(), [['a'], ['b'], ['c'], ['d']]);
});
