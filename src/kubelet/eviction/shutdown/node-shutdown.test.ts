/** A shutdown on a virtual clock: each line of the log has the second in which it happened. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Env } from '#base/env.ts';
import { silentLog } from '#base/log.ts';
import { storedPod } from '#testing/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { Failure } from '../../worker/status/pod-report.ts';
import { NodeShutdown } from './node-shutdown.ts';

const periods = [
  { priority: 0, graceSeconds: 20 },
  { priority: 2_000_000_000, graceSeconds: 10 },
];

class Scene {
  readonly clock = new VirtualClock();
  readonly log: string[] = [];
  readonly shutdown: NodeShutdown;
  signal: (isShuttingDown: boolean) => void = () => undefined;
  end: () => void = () => undefined;

  /** Pods with their priority and the seconds that they need to end. */
  constructor(t: TestContext, pods: Record<string, { priority?: number; seconds: number }>) {
    const evictables = Object.entries(pods).map(([name, { priority = 0, seconds }]) =>
      this.#evictable(name, priority, seconds),
    );
    this.shutdown = new NodeShutdown(periods, {
      env: { clock: this.clock, log: silentLog } as unknown as Env,
      nodeName: 'n',
      events: {
        event: (_, type, reason, message) => this.#note(`${type} ${reason} ${message}`),
        flushed: async () => undefined,
      },
      source: {
        follow: ({ onSignal, onEnd }) => {
          this.#note('follow');
          this.signal = onSignal;
          this.end = onEnd;
          return () => undefined;
        },
        delay: () => {
          this.#note('lock');
          return () => this.#note('unlock');
        },
      },
      pods: () => evictables,
      onChange: () => this.#note(`problem: ${this.shutdown.problem}`),
    });
    this.shutdown.start();
    t.after(() => this.shutdown.stop());
  }

  #note(text: string): void {
    this.log.push(`${Math.round(this.clock.monotonicMs() / 1000)} ${text}`);
  }

  #evictable(name: string, priority: number, seconds: number) {
    const state = { isActive: true, hasEnded: false };
    return {
      pod: storedPod(name, { spec: { containers: [], priority } }),
      mayRun: true,
      get isActive() {
        return state.isActive;
      },
      get hasEnded() {
        return state.hasEnded;
      },
      fail: ({ cause, reason, graceSeconds, disruption }: Failure) => {
        state.isActive = false;
        this.#note(`${name}: ${cause} ${reason} ${graceSeconds}s${disruption ? ' disruption' : ''}`);
        this.clock.after(seconds * 1000, () => {
          state.hasEnded = true;
        });
      },
    };
  }
}

const detected = 'Normal NodeShutdown Shutdown manager detected';

test('a shutdown – announced – ends ordinary pods, then critical ones, then the lock is given up', async (t) => {
  const scene = new Scene(t, {
    critical: { priority: 2_000_000_000, seconds: 1 },
    web: { seconds: 3 },
    db: { seconds: 5 },
  });
  assert.equal(scene.shutdown.rejection, undefined);
  scene.signal(true);
  await scene.clock.advance(30_000);
  assert.deepEqual(scene.log, [
    '0 lock',
    '0 follow',
    `0 ${detected} shutdown event`,
    '0 problem: node is shutting down',
    '0 web: Shutdown Terminated 20s disruption',
    '0 db: Shutdown Terminated 20s disruption',
    '5 critical: Shutdown Terminated 10s disruption',
    '6 unlock',
  ]);
  assert.deepEqual(scene.shutdown.rejection, {
    reason: 'NodeShutdown',
    message: 'Pod was rejected as the node is shutting down.',
  });
});

test('a shutdown – with a pod that does not end – goes on when the time of its group is over', async (t) => {
  const scene = new Scene(t, { critical: { priority: 2_000_000_000, seconds: 1 }, stuck: { seconds: 1000 } });
  scene.signal(true);
  await scene.clock.advance(60_000);
  assert.deepEqual(scene.log.slice(4), [
    '0 stuck: Shutdown Terminated 20s disruption',
    '20 critical: Shutdown Terminated 10s disruption',
    '21 unlock',
  ]);
});

test('a shutdown – cancelled – leaves the node ready, with a new lock', async (t) => {
  const scene = new Scene(t, {});
  scene.signal(true);
  await scene.clock.advance(1000);
  scene.signal(false);
  assert.equal(scene.shutdown.problem, undefined);
  await scene.clock.advance(0);
  assert.deepEqual(scene.log.slice(-4), [
    `1 ${detected} shutdown cancellation`,
    '1 problem: undefined',
    '1 unlock',
    '1 lock',
  ]);
});

test('a shutdown – cancelled while pods end – keeps its new lock, which delays the next shutdown', async (t) => {
  const scene = new Scene(t, { web: { seconds: 5 } });
  scene.signal(true);
  await scene.clock.advance(1000);
  scene.signal(false);
  await scene.clock.advance(9000);
  assert.deepEqual(scene.log.slice(-4), ['1 problem: undefined', '5 unlock', '5 unlock', '5 lock']);
  scene.signal(true);
  await scene.clock.advance(1000);
  assert.deepEqual(scene.log.slice(-2), ['10 problem: node is shutting down', '10 unlock']);
});

test('a machine – whose announcements end – is asked again, ever more seldom', async (t) => {
  const scene = new Scene(t, {});
  for (const _ of [1, 2, 3]) {
    scene.end();
    await scene.clock.advance(10_000);
  }
  assert.deepEqual(
    scene.log.filter((line) => line.endsWith('follow')),
    ['0 follow', '1 follow', '12 follow', '24 follow'],
  );
});
