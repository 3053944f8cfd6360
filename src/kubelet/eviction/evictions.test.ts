import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readThresholds } from '#api/configuration/kubelet/thresholds.ts';
import { silentLog } from '#base/log.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import { systemRandom } from '#host/system-env.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type EvictionOptions, Evictions } from './evictions.ts';

const gibi = 2 ** 30;

function start(options: EvictionOptions) {
  const clock = new VirtualClock();
  const log: string[] = [];
  const event: EventRecorder['event'] = (_, __, reason) => void log.push(reason);
  const evictions = new Evictions(options, {
    env: { clock, random: systemRandom, log: silentLog },
    nodeName: 'n',
    events: { event, flushed: async () => undefined },
    runtime: {} as Runtime,
    setup: {},
    pods: () => [],
    reclaim: async () => undefined,
    onShutdown: () => log.push('shutdown'),
  });
  evictions.start();
  return { clock, log, evictions };
}

function short(bytes: () => number): EvictionOptions {
  const thresholds = readThresholds({ evictionHard: { 'memory.available': '1Gi' } }, false);
  return {
    eviction: {
      rules: { thresholds, pressureTransitionMs: 60_000, podGraceSecondsMax: 0 },
      meter: {
        observe: async () => new Map([['memory.available', { available: bytes(), capacity: 8 * gibi }]]),
        uses: async () => new Map(),
        hasDedicatedImageFs: async () => false,
      },
    },
  };
}

test('a node – that evicts for nothing – is never under pressure and admits every pod', async () => {
  const { clock, log, evictions } = start({});
  await clock.advance(60_000);
  evictions.stop();
  assert.deepEqual([...evictions.pressures], []);
  assert.deepEqual([evictions.problem, evictions.rejection, log], [undefined, undefined, []]);
});

test('a node – short of memory, without a pod to evict – is under pressure until it is over', async () => {
  let left = gibi / 2;
  const { clock, log, evictions } = start(short(() => left));
  await clock.advance(1000);
  assert.deepEqual([...evictions.pressures], ['MemoryPressure']);
  assert.ok(log.includes('EvictionThresholdMet'));
  left = 2 * gibi;
  await clock.advance(120_000);
  assert.deepEqual([...evictions.pressures], []);
  evictions.stop();
});

test('a node – that was stopped – measures nothing more', async () => {
  let looks = 0;
  const look = () => {
    looks++;
    return 2 * gibi;
  };
  const { clock, evictions } = start(short(look));
  await clock.advance(1000);
  evictions.stop();
  const before = looks;
  await clock.advance(120_000);
  assert.equal(looks, before);
});

test('a shutdown of the machine – announced – closes the node, and opens it again when it is cancelled', async () => {
  let announce: (isShuttingDown: boolean) => void = () => undefined;
  const { clock, log, evictions } = start({
    shutdown: {
      periods: [{ priority: 0, graceSeconds: 10 }],
      source: {
        follow: ({ onSignal }) => {
          announce = onSignal;
          return () => undefined;
        },
        delay: () => () => undefined,
      },
    },
  });
  announce(true);
  assert.equal(evictions.problem, 'node is shutting down');
  assert.equal(evictions.rejection?.reason, 'NodeShutdown');
  announce(false);
  assert.deepEqual([evictions.problem, evictions.rejection], [undefined, undefined]);
  assert.ok(log.includes('shutdown'));
  await clock.advance(60_000);
  evictions.stop();
});
