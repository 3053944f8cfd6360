import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackOffs } from '#base/back-off.ts';
import { silentLog } from '#base/log.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import { systemRandom } from '#host/system-env.ts';
import { storedPod } from '#testing/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { StartFailure } from '../decide/container-statuses.ts';
import type { PodView } from '../runtime/pod-view.ts';
import { restartDelayMs } from './restart-delay.ts';

const main = { name: 'main', image: 'web:1' };
const pod = storedPod('web', { spec: { containers: [main] } });

/** Of one container, newest first; the numbers say how many seconds ago it ended. */
function view(nowMs: number, ...containers: ('running' | number)[]): PodView {
  const container = (ended: 'running' | number) => ({
    name: main.name,
    state: ended === 'running' ? 'running' : 'exited',
    finishedAtMs: ended === 'running' ? 0 : nowMs - ended * 1000,
  });
  return { sandboxes: [], containers: containers.map(container) } as unknown as PodView;
}

function scene() {
  const clock = new VirtualClock();
  const restarts = new BackOffs(() => clock.now(), { initialMs: 10_000, maxMs: 300_000 });
  const events: string[] = [];
  const event: EventRecorder['event'] = (_, type, reason) => void events.push(`${type} ${reason}`);
  const env = { clock, random: systemRandom, log: silentLog };
  const parts = { env, restarts, events: { event, flushed: async () => undefined } };
  const failures = new Map<string, StartFailure>();
  const delay = (...containers: ('running' | number)[]) =>
    restartDelayMs({ parts, pod, view: view(clock.now(), ...containers), failures }, main);
  return { delay, events, failures };
}

test('a container – that crashes again at once – waits ten seconds and then twenty', () => {
  const { delay, events, failures } = scene();
  assert.deepEqual([delay(), delay(0), delay(0), delay(10), delay(0)], [0, 0, 10_000, 0, 20_000]);
  assert.deepEqual(events, ['Warning BackOff', 'Warning BackOff']);
  assert.equal(failures.get('main')?.reason, 'CrashLoopBackOff');
});

test('a container – killed for its probe or its resources – starts again at once, measured by the end of the one before it', () => {
  const { delay } = scene();
  const first = delay('running');
  const second = delay('running', 15);
  const afterLong = delay('running', 15);
  const afterShort = delay('running', 15);
  assert.deepEqual([first, second, afterLong, afterShort], [0, 0, 0, 5000]);
});
