import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemPriorities } from '#api/pods/system-priority.ts';
import { silentLog } from '#base/log.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import { systemRandom } from '#host/system-env.ts';
import { storedPod } from '#testing/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { Rejection } from '../../admission/rejection.ts';
import type { Shortage } from '../../admission/room.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { Failure } from '../../worker/status/pod-report.ts';
import { Preemption } from './preemption.ts';

const critical = storedPod('critical', {
  spec: { priority: systemPriorities['system-node-critical'], containers: [{ name: 'c' }] },
});

class Victim {
  readonly pod;
  readonly mayRun = true;
  readonly endsAfterMs: number;
  readonly #clock: VirtualClock;
  failure: Failure | undefined;
  hasEnded = false;

  constructor(clock: VirtualClock, name: string, cpu: string, endsAfterMs = 100) {
    const resources = { requests: { cpu } };
    this.pod = storedPod(name, {
      spec: { terminationGracePeriodSeconds: 20, containers: [{ name: 'c', resources }] },
    });
    this.endsAfterMs = endsAfterMs;
    this.#clock = clock;
  }

  get takesRoom() {
    return !this.hasEnded;
  }

  get isActive() {
    return this.takesRoom && !this.failure;
  }

  fail(failure: Failure) {
    this.failure = failure;
    this.#clock.after(this.endsAfterMs, () => {
      this.hasEnded = true;
    });
  }
}

class Scene {
  readonly clock = new VirtualClock();
  readonly victims: Victim[];
  readonly log: string[] = [];
  readonly preemption: Preemption;

  constructor(...victims: [name: string, cpu: string, endsAfterMs?: number][]) {
    this.victims = victims.map((args) => new Victim(this.clock, ...args));
    const event: EventRecorder['event'] = (_, type, reason, message) => {
      this.log.push(`${type} ${reason} ${message}`);
    };
    const env = { clock: this.clock, random: systemRandom, log: silentLog };
    const events = { event, flushed: async () => undefined };
    this.preemption = new Preemption({ env, events, pods: () => this.victims });
  }

  /** The node has four processors; the critical pod requests `cpu` thousandths. */
  shortages(cpu: number): Shortage[] {
    const held = this.victims.filter(({ takesRoom }) => takesRoom);
    const used = held.reduce(
      (sum, { pod }) => sum + Number.parseInt(pod.spec.containers[0]!.resources!.requests!['cpu']!, 10),
      0,
    );
    const shortage = { resource: 'cpu', requested: cpu, used, capacity: 4000 };
    return used + cpu > 4000 ? [shortage] : [];
  }

  async makeRoom(cpu: number, limitMs = 60_000): Promise<Rejection | undefined> {
    const room = this.preemption.makeRoom(critical, () => this.shortages(cpu));
    await this.clock.advance(limitMs);
    return room;
  }

  get failed(): string[] {
    return this.victims.flatMap(({ failure, pod }) => (failure ? [pod.metadata.name] : []));
  }
}

const counted = ({ preemption }: Scene) => preemption.metrics.map((metric) => [...metric.readings()]);

test('a critical pod – on a full node – makes others fail, one after the other, with the condition of a disruption', async () => {
  const scene = new Scene(['a', '2000m', 5000], ['b', '2000m', 5000]);
  const room = scene.preemption.makeRoom(critical, () => scene.shortages(3000));
  await scene.clock.advance(4000);
  assert.deepEqual(scene.failed.length, 1);
  await scene.clock.advance(10_000);
  assert.equal(await room, undefined);
  assert.deepEqual(scene.failed, ['a', 'b']);
  assert.deepEqual(scene.victims[0]!.failure, {
    cause: 'Evicted',
    reason: 'Preempting',
    message: 'Preempted in order to admit critical pod',
    disruption: 'Pod was preempted by Kubelet to accommodate a critical pod.',
  });
  assert.deepEqual(counted(scene), [[[{ preemption_signal: 'cpu' }, 2]]]);
});

test('a critical pod – larger than all others together – is rejected and ends none', async () => {
  const scene = new Scene(['a', '2000m']);
  assert.deepEqual(await scene.makeRoom(5000), {
    reason: 'UnexpectedAdmissionError',
    message:
      'Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: [(res: cpu, q: 3000), ]',
  });
  assert.deepEqual(scene.failed, []);
});

test('a critical pod – whose victim does not end – begins after half as long again as the grace period', async () => {
  const scene = new Scene(['stuck', '4000m', 3_600_000]);
  const room = scene.preemption.makeRoom(critical, () => scene.shortages(1000));
  let isMade = false;
  void room.then(() => {
    isMade = true;
  });
  await scene.clock.advance(29_000);
  assert.equal(isMade, false);
  await scene.clock.advance(2000);
  assert.equal(await room, undefined);
  assert.deepEqual(scene.log, [
    'Warning ExceededGracePeriod Container runtime did not kill the pod within specified grace period.',
  ]);
  assert.deepEqual(counted(scene), [[]]);
});

test('two critical pods – that one victim makes room for – end one', async () => {
  const scene = new Scene(['a', '2000m', 1000], ['b', '2000m', 1000]);
  const rooms = [scene.makeRoom(1000), scene.makeRoom(1000)];
  assert.deepEqual(await Promise.all(rooms), [undefined, undefined]);
  assert.equal(scene.failed.length, 1);
});

test('a critical pod – behind which a lesser one waits – ends pods that have begun alone', async () => {
  const scene = new Scene(['a', '4000m'], ['lesser', '4000m']);
  const [a, lesser] = scene.victims.map(({ pod }) => pod);
  lesser!.spec.priority = systemPriorities['system-cluster-critical'];
  const seen: string[][] = [];
  const makeRoom = (pod: NodePod, missing: number) =>
    scene.preemption.makeRoom(pod, (waiting) => {
      seen.push([...waiting]);
      return [{ resource: 'cpu', requested: missing, used: 4000, capacity: 4000 }];
    });
  const rooms = [makeRoom(critical, 1000), makeRoom(lesser!, 0)];
  assert.equal(scene.preemption.isBusy, true);
  await scene.clock.advance(1000);
  assert.deepEqual(await Promise.all(rooms), [undefined, undefined]);
  assert.deepEqual(scene.failed, [a!.metadata.name]);
  assert.deepEqual(seen, [[critical, lesser!].map(({ metadata }) => metadata.uid), [lesser!.metadata.uid]]);
  assert.equal(scene.preemption.isBusy, false);
});
