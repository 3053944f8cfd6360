import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Env } from '#base/env.ts';
import { silentLog } from '#base/log.ts';
import { storedPod } from '#testing/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { PodSetup } from '../runtime/machine.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Failure } from '../worker/status/pod-report.ts';
import { EvictionMetrics } from './eviction-metrics.ts';
import { StorageEviction } from './storage-eviction.ts';

type Measure = NonNullable<PodSetup['storageUse']>;

const limited = (name: string) =>
  storedPod(name, {
    spec: {
      containers: [{ name: 'main' }],
      volumes: [{ name: 'v', emptyDir: { sizeLimit: '1Ki' } }],
    },
  });
const bytes = (count: number) => ({
  emptyDirs: new Map([['v', { bytes: count, inodes: 1 }]]),
  logs: new Map(),
});

/** Pods by name, and how each is measured. */
async function look(measures: Record<string, () => ReturnType<Measure>>) {
  const clock = new VirtualClock();
  const warned: unknown[] = [];
  const log = { ...silentLog, warn: (_: string, fields: unknown) => void warned.push(fields) };
  const evicted: string[] = [];
  const metrics = new EvictionMetrics();
  const pods = Object.keys(measures).map((name) => ({
    pod: limited(name),
    mayRun: true,
    isActive: true,
    hasEnded: false,
    fail: ({ cause }: Failure) => void (cause === 'Evicted' && evicted.push(name)),
  }));
  const eviction = new StorageEviction(
    { clock, log } as unknown as Env,
    { listUsage: async () => [] } as unknown as Runtime,
    (pod) => measures[pod.metadata.name]!(),
    () => pods,
    metrics,
  );
  eviction.start();
  await clock.advance(10_000);
  eviction.stop();
  const counted = [...metrics.metrics[0]!.readings()];
  return { evicted, warned, counted };
}

test('a pod – whose measure fails – keeps no other from being evicted, and is logged', async () => {
  const { evicted, warned, counted } = await look({
    broken: async () => {
      throw new Error('no disk');
    },
    small: async () => bytes(10),
    large: async () => bytes(2000),
  });
  assert.deepEqual(evicted, ['large']);
  assert.deepEqual(counted, [[{ eviction_signal: 'emptydirfs.limit' }, 1]]);
  assert.deepEqual(warned, [{ pod: 'broken', error: 'no disk' }]);
});

test('a pod – whose measure takes long – delays no other, and is judged when it is measured', async () => {
  const slow = Promise.withResolvers<ReturnType<typeof bytes>>();
  const { evicted } = await look({
    slow: () => slow.promise,
    first: async () => bytes(2000),
    second: async () => bytes(2000),
  });
  assert.deepEqual(evicted, ['first', 'second']);
  slow.resolve(bytes(2000));
  await new Promise(setImmediate);
  assert.deepEqual(evicted, ['first', 'second', 'slow']);
});
