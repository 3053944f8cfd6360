/** Whom a node evicts and when, on a virtual clock: what is left and what pods use is given by each test. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { readThresholds, type ThresholdTexts } from '#api/configuration/kubelet/thresholds.ts';
import type { Env } from '#base/env.ts';
import { silentLog } from '#base/log.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import { storedPod } from '#testing/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { PodUse } from '../runtime/eviction-meter.ts';
import type { Failure } from '../worker/status/pod-report.ts';
import { EvictionManager } from './eviction-manager.ts';
import { EvictionMetrics } from './eviction-metrics.ts';

const mebi = 2 ** 20;
const capacity = 1000 * mebi;
const soft: ThresholdTexts = {
  evictionHard: {},
  evictionSoft: { 'memory.available': '100Mi' },
  evictionSoftGracePeriod: { 'memory.available': '1m' },
};

/** A node whose pods use so many MiB of memory; one that ends leaves it to the node. */
class Scene {
  readonly metrics = new EvictionMetrics();
  readonly clock = new VirtualClock();
  readonly log: string[] = [];
  readonly failures = new Map<string, Failure>();
  /** Pods that need this long to end. */
  endsAfterMs = 0;
  leftMebi = 50;
  diskLeft = capacity;
  /** What images leave when they are removed. */
  reclaimableMebi = 0;
  isMeasurable = true;
  readonly #uses: Map<string, number>;
  readonly #ended = new Set<string>();
  readonly manager: EvictionManager;

  constructor(
    t: TestContext,
    texts: ThresholdTexts,
    pods: Record<string, { mebi: number; priority?: number }>,
  ) {
    this.#uses = new Map(Object.entries(pods).map(([name, pod]) => [name, pod.mebi]));
    const evictables = Object.entries(pods).map(([name, { priority = 0 }]) =>
      this.#evictable(name, priority),
    );
    const rules = {
      thresholds: readThresholds(texts, false),
      pressureTransitionMs: 300_000,
      podGraceSecondsMax: 7,
    };
    this.manager = new EvictionManager(rules, {
      metrics: this.metrics,
      env: { clock: this.clock, log: silentLog } as unknown as Env,
      nodeName: 'n',
      events: this.#recorder(),
      meter: {
        observe: async () => this.#observe(),
        uses: async (pods) => new Map(pods.map(({ metadata }) => [metadata.uid, this.#useOf(metadata.name)])),
        hasDedicatedImageFs: async () => false,
      },
      pods: () => evictables,
      reclaim: async () => {
        this.diskLeft += this.reclaimableMebi * mebi;
        this.reclaimableMebi = 0;
      },
    });
    this.manager.start();
    t.after(() => this.manager.stop());
  }

  get evicted(): string[] {
    return [...this.failures.keys()];
  }

  #evictable(name: string, priority: number) {
    const { failures } = this;
    const ended = this.#ended;
    const end = () => {
      ended.add(name);
      this.leftMebi += this.#uses.get(name)!;
      this.diskLeft += this.#uses.get(name)! * mebi;
    };
    return {
      pod: storedPod(name, { metadata: { uid: name }, spec: { priority, containers: [{ name: 'main' }] } }),
      mayRun: true,
      get isActive() {
        return !failures.has(name);
      },
      get hasEnded() {
        return ended.has(name);
      },
      fail: (failure: Failure) => {
        failures.set(name, failure);
        this.clock.after(this.endsAfterMs, end);
      },
    };
  }

  #recorder(): EventRecorder {
    const event: EventRecorder['event'] = (_, type, reason, message) => {
      this.log.push(`${type} ${reason} ${message}`);
    };
    return { event, flushed: async () => undefined };
  }

  #observe() {
    if (!this.isMeasurable) throw new Error('no /proc');
    return new Map([
      ['memory.available', { available: this.leftMebi * mebi, capacity }],
      ['nodefs.available', { available: this.diskLeft, capacity }],
    ] as const);
  }

  #useOf(name: string): PodUse {
    return {
      memoryBytes: this.#uses.get(name)! * mebi,
      processes: 1,
      containers: [],
      volumes: { bytes: this.#uses.get(name)! * mebi, inodes: 1 },
    };
  }
}

const hard: ThresholdTexts = { evictionHard: { 'memory.available': '100Mi' } };

test('a node – short of memory – evicts the pod that uses most, with a second of grace, and no other', async (t) => {
  const scene = new Scene(t, hard, { small: { mebi: 10 }, large: { mebi: 500 } });
  await scene.clock.advance(60_000);
  assert.deepEqual(scene.log, ['Warning EvictionThresholdMet Attempting to reclaim memory']);
  assert.deepEqual(
    [...scene.failures],
    [
      [
        'large',
        {
          cause: 'Evicted',
          reason: 'Evicted',
          graceSeconds: 1,
          disruption: 'The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. ',
          message: 'The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. ',
          annotations: {
            offending_containers: '',
            offending_containers_usage: '',
            starved_resource: 'memory',
          },
        },
      ],
    ],
  );
  const [evictions, age] = scene.metrics.metrics.map((metric) => [...metric.readings()]);
  assert.deepEqual(evictions, [[{ eviction_signal: 'memory.available' }, 1]]);
  assert.deepEqual(
    age!.map(([labels]) => labels),
    [{ eviction_signal: 'memory.available' }],
  );
  assert.deepEqual([...scene.manager.conditions], ['MemoryPressure']);
  await scene.clock.advance(300_000);
  assert.deepEqual([...scene.manager.conditions], []);
});

test('a node – whose evicted pod needs a while to end – waits for it, half a minute at most', async (t) => {
  const scene = new Scene(t, hard, { slow: { mebi: 20 }, next: { mebi: 10 }, third: { mebi: 5 } });
  scene.endsAfterMs = 25_000;
  await scene.clock.advance(24_000);
  assert.deepEqual(scene.evicted, ['slow']);
  scene.endsAfterMs = 60_000;
  await scene.clock.advance(2000);
  assert.deepEqual(scene.evicted, ['slow', 'next']);
  await scene.clock.advance(28_000);
  assert.deepEqual(scene.evicted, ['slow', 'next']);
  await scene.clock.advance(3000);
  assert.deepEqual(scene.evicted, ['slow', 'next', 'third']);
});

test('a node – short of memory – never evicts a critical pod', async (t) => {
  const scene = new Scene(t, hard, { critical: { mebi: 500, priority: 2_000_000_000 }, other: { mebi: 1 } });
  await scene.clock.advance(60_000);
  assert.deepEqual(scene.evicted, ['other']);
});

test('a soft threshold – met for its grace period – evicts with the grace of the configuration', async (t) => {
  const scene = new Scene(t, soft, { only: { mebi: 500 } });
  await scene.clock.advance(59_000);
  assert.deepEqual([scene.evicted, [...scene.manager.conditions]], [[], ['MemoryPressure']]);
  await scene.clock.advance(1000);
  assert.equal(scene.failures.get('only')?.graceSeconds, 7);
});

const disk: ThresholdTexts = {
  evictionHard: { 'nodefs.available': '100Mi' },
  evictionMinimumReclaim: { 'nodefs.available': '50Mi' },
};

test('a node – short of disk, of which unused images take enough – removes them and evicts no pod', async (t) => {
  const scene = new Scene(t, disk, { only: { mebi: 500 } });
  scene.diskLeft = 90 * mebi;
  scene.reclaimableMebi = 60;
  await scene.clock.advance(60_000);
  assert.deepEqual(scene.log, ['Warning EvictionThresholdMet Attempting to reclaim ephemeral-storage']);
  assert.deepEqual(scene.evicted, []);
});

test('a node – short of disk after its images are gone, or of the minimum reclaim – evicts a pod', async (t) => {
  const scene = new Scene(t, disk, { small: { mebi: 5 }, large: { mebi: 500 } });
  scene.diskLeft = 90 * mebi;
  scene.reclaimableMebi = 50;
  await scene.clock.advance(60_000);
  assert.deepEqual(scene.evicted, ['large']);
});

test('a node – that could not be measured – is looked at again', async (t) => {
  const scene = new Scene(t, hard, { only: { mebi: 500 } });
  scene.isMeasurable = false;
  await scene.clock.advance(25_000);
  scene.isMeasurable = true;
  await scene.clock.advance(10_000);
  assert.deepEqual(scene.evicted, ['only']);
});
