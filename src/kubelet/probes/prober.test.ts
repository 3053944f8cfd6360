import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Probe } from '#api/generated/types.gen.ts';
import { silentLog } from '#base/log.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import { systemRandom } from '#host/system-env.ts';
import { storedPod } from '#testing/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { PodView } from '../runtime/pod-view.ts';
import { type ProbeKind, Prober } from './prober.ts';

const every10s: Probe = { periodSeconds: 10 };
const never = () => false;

/** One pod with one container `main`, running as `id` from now on. */
function setUp(probes: Partial<Record<`${ProbeKind}Probe`, Probe>>, startedBefore = never) {
  const clock = new VirtualClock();
  const container = { name: 'main', ...probes };
  const pod = storedPod('p', { metadata: { uid: 'u' }, spec: { containers: [container] } });
  const status = { id: 'id', name: 'main', state: 'running', startedAtMs: clock.now() };
  const view = { sandboxes: [], containers: [status] } as unknown as PodView;
  const recorded: string[] = [];
  const changes: string[] = [];
  const tries: Record<ProbeKind, number> = { startup: 0, liveness: 0, readiness: 0 };
  /** The container's answer; an error for a container that cannot be probed. */
  const says: Record<ProbeKind, 'success' | 'odd' | 'failure' | Error> = {
    startup: 'success',
    liveness: 'success',
    readiness: 'success',
  };
  const events = {
    event: (_object, _type, _reason, message) => void recorded.push(message),
  } as EventRecorder;
  const prober = new Prober(
    { clock, random: systemRandom, log: silentLog },
    events,
    async ({ kind }) => {
      tries[kind]++;
      const verdict = says[kind];
      if (verdict instanceof Error) throw verdict;
      if (verdict === 'odd') return { verdict: 'success', output: '', warning: 'words' };
      return { verdict, output: 'words' };
    },
    (podUid) => void changes.push(podUid),
  );
  prober.follow(pod, view, startedBefore);
  return { clock, container, pod, view, prober, says, tries, recorded, changes };
}

test('a verdict – repeated as often as its threshold – counts', async () => {
  const { clock, prober, says, changes } = setUp({
    livenessProbe: { ...every10s, failureThreshold: 3 },
    readinessProbe: { ...every10s, failureThreshold: 2, successThreshold: 2 },
  });
  await clock.advance(0);
  assert.equal(prober.liveness('id'), 'success');
  says.liveness = 'failure';
  await clock.advance(20_000);
  assert.equal(prober.liveness('id'), 'success');
  says.liveness = 'success';
  await clock.advance(10_000);
  says.liveness = 'failure';
  await clock.advance(20_000);
  assert.equal(prober.liveness('id'), 'success');
  await clock.advance(10_000);
  assert.equal(prober.liveness('id'), 'failure');
  assert.deepEqual(changes, ['u', 'u', 'u']);
});

test('readiness – before the first result – the earlier one holds', async (t) => {
  const { clock, container, prober } = setUp({ readinessProbe: { ...every10s, initialDelaySeconds: 5 } });
  for (const before of [true, false]) {
    await t.test(`${before}`, () => {
      assert.equal(prober.isReady(container, 'id', before), before);
    });
  }
  await clock.advance(5000);
  assert.equal(prober.isReady(container, 'id', false), true);
  assert.equal(prober.isReady({ name: 'other' }, 'other', false), true);
});

test('a startup probe – until its first success – holds the other probes back', async () => {
  const { clock, prober, says, tries } = setUp({
    startupProbe: { ...every10s, failureThreshold: 30 },
    livenessProbe: every10s,
    readinessProbe: every10s,
  });
  says.startup = 'failure';
  await clock.advance(60_000);
  assert.deepEqual([tries.liveness, tries.readiness], [0, 0]);
  says.startup = 'success';
  await clock.advance(10_000);
  assert.deepEqual([tries.liveness, tries.readiness], [1, 1]);
  const { startup } = tries;
  await clock.advance(60_000);
  assert.equal(tries.startup, startup);
  assert.equal(prober.startup('id'), 'success');
});

test('a probe – that errors – is tried three times, recorded, and changes nothing', async () => {
  const { clock, prober, says, tries, recorded } = setUp({ livenessProbe: every10s });
  await clock.advance(0);
  says.liveness = new Error('no answer');
  await clock.advance(10_000);
  assert.equal(tries.liveness, 4);
  assert.equal(prober.liveness('id'), 'success');
  assert.deepEqual(recorded, ['Liveness probe errored and resulted in unknown state: no answer']);
});

test('a probe – of an ended container, or of a removed pod – is not run', async () => {
  const { clock, pod, view, prober } = setUp({ livenessProbe: every10s, readinessProbe: every10s });
  prober.follow(pod, view, never, ['readiness']);
  assert.equal(clock.pendingTimers(), 1);
  prober.follow(pod, { ...view, containers: [] }, never);
  assert.equal(clock.pendingTimers(), 0);
  prober.follow(pod, view, never);
  prober.forget('u');
  assert.equal(clock.pendingTimers(), 0);
});

/** As `view`, but its container was replaced by one with this id. */
function replaced(view: PodView, id: string, startedAtMs: number): PodView {
  return { ...view, containers: [{ ...view.containers[0]!, id, startedAtMs }] };
}

test('liveness – failed – stays failed until there is a new container', async () => {
  const { clock, pod, view, prober, says, tries, recorded } = setUp({
    livenessProbe: { ...every10s, failureThreshold: 2 },
  });
  says.liveness = 'failure';
  await clock.advance(10_000);
  assert.equal(prober.liveness('id'), 'failure');
  says.liveness = 'success';
  prober.follow(pod, view, never);
  await clock.advance(60_000);
  assert.equal(prober.liveness('id'), 'failure');
  assert.deepEqual([tries.liveness, recorded.length, clock.pendingTimers()], [2, 2, 0]);
  prober.follow(pod, replaced(view, 'next', clock.now()), never);
  await clock.advance(0);
  assert.equal(prober.liveness('id'), undefined);
  assert.equal(prober.liveness('next'), 'success');
  says.liveness = 'failure';
  await clock.advance(10_000);
  assert.equal(prober.liveness('next'), 'success');
});

test('a startup probe – failed – stays failed, and holds the others back for good', async () => {
  const { clock, prober, says, tries } = setUp({
    startupProbe: { ...every10s, failureThreshold: 1 },
    livenessProbe: every10s,
  });
  says.startup = 'failure';
  await clock.advance(0);
  says.startup = 'success';
  await clock.advance(60_000);
  assert.equal(prober.startup('id'), 'failure');
  assert.deepEqual([tries.startup, tries.liveness], [1, 0]);
});

test('a startup probe – of a container that was started before the kubelet – is not run', async () => {
  const { clock, container, prober, says, tries } = setUp(
    { startupProbe: every10s, livenessProbe: every10s },
    () => true,
  );
  says.startup = 'failure';
  await clock.advance(20_000);
  assert.equal(tries.startup, 0);
  assert.ok(tries.liveness > 0);
  assert.equal(prober.startup('id'), 'success');
  assert.equal(prober.isStarted(container, 'id', false), true);
});

test("readiness – of a terminating pod's container that has started – is still probed", async () => {
  const { clock, container, pod, view, prober, says, tries } = setUp({
    startupProbe: every10s,
    livenessProbe: every10s,
    readinessProbe: { ...every10s, failureThreshold: 1 },
  });
  await clock.advance(0);
  prober.follow(pod, view, () => true, ['readiness']);
  const { startup, liveness } = tries;
  says.readiness = 'failure';
  await clock.advance(10_000);
  assert.equal(prober.isReady(container, 'id', true), false);
  assert.deepEqual([tries.startup, tries.liveness], [startup, liveness]);
});

test('a readiness probe – its pod has changed – runs at once when unready, at its time when ready', async () => {
  const { clock, pod, view, prober, says, tries } = setUp({ readinessProbe: every10s });
  says.readiness = 'failure';
  await clock.advance(1000);
  assert.equal(tries.readiness, 1);
  says.readiness = 'success';
  prober.follow(pod, view, never);
  await clock.advance(0);
  assert.equal(tries.readiness, 2);
  prober.follow(pod, view, never);
  await clock.advance(9000);
  assert.equal(tries.readiness, 2);
});

test('an HTTP probe – redirected to another host – succeeds with a warning', async () => {
  const { clock, prober, says, recorded } = setUp({ livenessProbe: every10s });
  says.liveness = 'odd';
  await clock.advance(0);
  assert.equal(prober.liveness('id'), 'success');
  assert.deepEqual(recorded, ['Liveness probe warning: words']);
});
