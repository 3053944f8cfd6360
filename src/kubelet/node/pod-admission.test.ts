import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, PodSpec } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { systemPriorities } from '#api/pods/system-priority.ts';
import { silentLog } from '#base/log.ts';
import type { Client } from '#client/client.ts';
import type { Informer } from '#client/informers/informer.ts';
import { systemRandom } from '#host/system-env.ts';
import { storedNode, storedPod } from '#testing/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { rejection } from '../admission/rejection.ts';
import type { PendingResize } from '../admission/resize-order.ts';
import type { NodePod } from '../pod/pod.ts';
import type { PodWorker } from '../worker/pod-worker.ts';
import type { Failure } from '../worker/status/pod-report.ts';
import { PodAdmission, type PodAdmissionParts } from './pod-admission.ts';
import type { PodAssignment } from './pod-assignment.ts';
import { PodWorkers } from './pod-workers.ts';
import type { NodeFacts } from './status.ts';

const allocatable = { cpu: '2', memory: '1Gi', pods: '10' };

class Worker {
  readonly pod: NodePod;
  readonly log: string[] = [];
  mayRun = true;
  takesRoom = true;
  deferredResize: PendingResize | undefined;

  constructor(name: string, spec: Partial<PodSpec>, phase = 'Pending') {
    this.pod = storedPod(name, { phase, spec });
  }

  hold() {
    this.log.push('held');
  }

  release() {
    this.log.push('released');
  }

  poke() {
    this.log.push('poked');
  }

  fail({ cause, reason }: Failure) {
    this.mayRun = false;
    this.log.push(`${cause}: ${reason}`);
  }
}

class Scene {
  readonly workers = new PodWorkers();
  readonly roomFor: string[] = [];
  readonly warnings: string[] = [];
  readonly admission: PodAdmission;

  constructor(
    more: Partial<PodAdmissionParts> = {},
    nodes: { cached?: Stored<Node>; now?: Stored<Node> } = {},
  ) {
    const log = { ...silentLog, warn: (message: string) => void this.warnings.push(message) };
    const get = async () => {
      if (!nodes.now) throw new Error('no connection');
      return nodes.now;
    };
    this.admission = new PodAdmission({
      env: { clock: new VirtualClock(), random: systemRandom, log },
      client: { get } as unknown as Client,
      facts: { nodeName: 'n', labels: {}, allocatable } as unknown as NodeFacts,
      workers: this.workers,
      ownNode: { get: () => nodes.cached } as unknown as Informer<Node>,
      appArmor: false,
      unsafeSysctls: [],
      assignment: { asksPlugins: () => false, assign: () => undefined } as unknown as PodAssignment,
      pinsCpus: false,
      devices: undefined,
      pressures: () => new Set(),
      makeRoom: async ({ metadata }, shortages) => {
        this.roomFor.push(`${metadata.name}: ${shortages(new Set()).map(({ resource }) => resource)}`);
        return undefined;
      },
      isMakingRoom: () => false,
      closed: () => undefined,
      ...more,
    });
  }

  /** What becomes of the worker of a pod. */
  async admit(spec: Partial<PodSpec>, phase?: string): Promise<string> {
    const worker = new Worker('new', spec, phase);
    const asWorker = worker as unknown as PodWorker;
    this.workers.add('new', asWorker);
    this.admission.admit(asWorker);
    while (worker.log.includes('held') && !worker.log.includes('released')) await Promise.resolve();
    return worker.log.join(', ');
  }
}

const asking = (cpu: string): Partial<PodSpec> => ({
  containers: [{ name: 'c', resources: { requests: { cpu } } }],
});
const critical = { priority: systemPriorities['system-node-critical'] };
const onDisk = { nodeSelector: { disk: 'ssd' } };
const withDisk = storedNode('n', { metadata: { labels: { disk: 'ssd' } } });

test('a pod – that fits – begins', async () => {
  assert.equal(await new Scene().admit(asking('1')), 'released, poked');
});

test('a pod – that does not fit – is rejected', async () => {
  assert.equal(await new Scene().admit(asking('3')), 'Rejected: OutOfcpu, released, poked');
});

test('a pod – of an earlier kubelet – is not judged again', async () => {
  assert.equal(await new Scene().admit(asking('3'), 'Running'), 'released, poked');
});

test('a pod – on a node that admits none – is rejected for that', async () => {
  const scene = new Scene({ closed: () => rejection('NodeShutdown', 'the node is going down') });
  assert.equal(await scene.admit(asking('1')), 'Rejected: NodeShutdown, released, poked');
});

test('a critical pod – that does not fit – waits until room is made', async () => {
  const scene = new Scene();
  assert.equal(await scene.admit({ ...asking('3'), ...critical }), 'held, released');
  assert.deepEqual(scene.roomFor, ['new: cpu']);
});

test('a critical pod – while room is made for others – takes its turn, and those that wait hold none', async () => {
  const first = new Worker('first', { ...asking('2'), ...critical });
  const lacking: string[][] = [];
  const makeRoom: PodAdmissionParts['makeRoom'] = async (_, shortages) => {
    for (const waiting of [[], [first.pod.metadata.uid]]) {
      lacking.push(shortages(new Set(waiting)).map(({ resource }) => resource));
    }
    return undefined;
  };
  const scene = new Scene({ makeRoom, isMakingRoom: () => true });
  scene.workers.add('first', first as unknown as PodWorker);
  assert.equal(await scene.admit({ ...asking('1'), ...critical }), 'held, released');
  assert.deepEqual(lacking, [['cpu'], []]);
});

test('a critical pod – for which no room can be made – is rejected', async () => {
  const makeRoom = async () => rejection('UnexpectedAdmissionError', 'no set of running pods');
  const scene = new Scene({ makeRoom });
  const shown = await scene.admit({ ...asking('3'), ...critical });
  assert.equal(shown, 'held, Rejected: UnexpectedAdmissionError, released');
});

test('a pod – whose label the node has by now – begins after a second look', async () => {
  const scene = new Scene({}, { cached: storedNode('n'), now: withDisk });
  assert.equal(await scene.admit(onDisk), 'held, released');
});

test('a pod – whose label the node has not – is rejected after a second look', async () => {
  const scene = new Scene({}, { cached: storedNode('n'), now: storedNode('n') });
  assert.equal(await scene.admit(onDisk), 'held, Rejected: NodeAffinity, released');
});

test('a pod – whose node cannot be looked at again – begins, with a warning', async () => {
  const scene = new Scene({}, { cached: storedNode('n') });
  assert.equal(await scene.admit(onDisk), 'held, released');
  assert.deepEqual(scene.warnings, ['a pod is taken without a look at its node']);
});

/** A pod of this name that runs with 250m and asks for the cpu, in a scene with 2 cpus. */
function resizing(scene: Scene, name: string, cpu: string, priority: number): Worker {
  const sized = (amount: string) => ({
    priority,
    containers: [{ name: 'c', resources: { requests: { cpu: amount } } }],
  });
  const worker = new Worker(name, sized('250m'), 'Running');
  const pod = { ...worker.pod, spec: { ...worker.pod.spec, ...sized(cpu) } } as NodePod;
  worker.deferredResize = { pod, granted: worker.pod, sinceMs: 0 };
  scene.workers.add(worker.pod.metadata.uid, worker as unknown as PodWorker);
  return worker;
}

test('a resize – behind one that fits – waits for it, which is looked at; behind one that does not fit it is granted', () => {
  const scene = new Scene();
  const high = resizing(scene, 'high', '1500m', 10);
  const low = resizing(scene, 'low', '1500m', 0);
  const decide = ({ deferredResize }: Worker) => scene.admission.deferResize(deferredResize!)?.message;
  assert.equal(
    decide(low),
    "Node didn't have enough resource: cpu, requested: 1500, used: 1500, capacity: 2000",
  );
  assert.deepEqual([high.log, low.log], [['poked'], []]);
  assert.equal(decide(high), undefined);
  const huge = resizing(scene, 'huge', '5', 20);
  high.deferredResize = undefined;
  assert.equal(decide(low), undefined);
  assert.deepEqual(huge.log, []);
});
