import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { queryObjects } from 'node:v8';
import { bindings, events, nodes, pods, secrets } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import { silentLog } from '#base/log.ts';
import type { Informers } from '#client/informers/informer.ts';
import { createInformers } from '#client/informers/informers.ts';
import { systemRandom } from '#host/system-env.ts';
import { startTestServer, type TestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { watchingObjectSource } from '../pod/objects/object-source.ts';
import type { NodePod } from '../pod/pod.ts';
import { PodRejected, SetupError } from '../runtime/machine.ts';
import { type Runtime, RuntimeError } from '../runtime/runtime.ts';
import type { SandboxConfig } from '../runtime/runtime-config.ts';
import { SimulatedMeter } from '../simulated/simulated-meter.ts';
import { simulatedRuntime } from '../simulated/simulated-runtime.ts';
import { simulatedSetup } from '../simulated/simulated-setup.ts';
import { PodWorker } from '../worker/pod-worker.ts';
import { KubeNode } from './kube-node.ts';
import { LeaseLoop } from './lease.ts';
import { ownPods } from './pod-source.ts';

const nodeName = 'n1';
const ownNode = { fieldSelector: `metadata.name=${nodeName}` };
const namespace = 'default';
const clock = new VirtualClock();
const env = { clock, random: systemRandom, log: silentLog };
let server: TestServer;
let informers: Informers;
let node: KubeNode;
/** Put over those of the simulated runtime. */
let broken: Partial<Runtime> = {};
/** Put in the way of setting up a pod. */
let setupProblem: Error | undefined;
/** Comes before the setting up of a pod. */
let beforePrepare: ((pod: NodePod) => Promise<void>) | undefined;
/** Comes before the cleaning up of a pod. */
let beforeCleanUp: (() => Promise<void>) | undefined;
/** The uids of pods whose claims are prepared. */
const withClaims = new Set<string>();
/** Called for each pod with claims, before they are prepared. */
let beforeClaims: (() => void) | undefined;
/** Why no claim can be unprepared. */
let claimProblem: string | undefined;
let stop: () => void;

before(async () => {
  server = await startTestServer({ env });
  informers = createInformers(server.client, env);
  const { client } = server;
  const simulated = simulatedRuntime(env);
  const runtime = new Proxy(simulated, {
    get: (target, name: keyof Runtime) => broken[name] ?? target[name],
  });
  const objects = watchingObjectSource(env, client);
  const setup = simulatedSetup(objects, simulated);
  const leases = new LeaseLoop(env);
  const capacity = { cpu: '64', memory: '256Gi', pods: '1000' };
  const machineId = { machineID: 'm', systemUUID: 'm', bootID: 'm' };
  node = new KubeNode({
    env,
    client,
    informers,
    facts: {
      nodeName,
      nodeIp: '127.0.0.1',
      port: 10250,
      labels: {},
      capacity,
      allocatable: capacity,
      system: { ...machineId, kernelVersion: 'k', osImage: 'o', architecture: 'amd64' },
    },
    runtime,
    setup: {
      ...setup,
      async prepare(pod) {
        await beforePrepare?.(pod);
        if (setupProblem) throw setupProblem;
        await setup.prepare(pod);
      },
      async cleanUp(podUid) {
        await beforeCleanUp?.();
        await setup.cleanUp(podUid);
      },
    },
    claims: {
      manager: {
        async prepare({ metadata, spec }) {
          if (!spec.resourceClaims?.length) return;
          beforeClaims?.();
          withClaims.add(metadata.uid);
        },
        async unprepare(podUid) {
          if (withClaims.has(podUid) && claimProblem) throw new Error(claimProblem);
          withClaims.delete(podUid);
        },
        holds: (podUid) => withClaims.has(podUid),
      },
      start: () => undefined,
    },
    hooks: { run: async () => undefined },
    runProbe: async () => ({ verdict: 'success', output: '' }),
    podSource: ownPods(informers, nodeName),
    objects,
    leases,
    swap: { behavior: 'NoSwap', isCgroupV2: false, memoryBytes: 2 ** 30, swapBytes: 0 },
    meter: (containers) => new SimulatedMeter(clock, simulated, containers),
  });
  stop = () => {
    node.stop();
    leases.stop();
    objects.stop();
  };
  const starting = node.start();
  await clock.advance(1000);
  await starting;
  const podCIDR = '10.244.0.0/16';
  await client.patch(nodes, { name: nodeName }, 'merge', { spec: { podCIDR, podCIDRs: [podCIDR] } });
  await until('the node is ready', async () => {
    const { conditions = [] } = (await client.get(nodes, { name: nodeName })).status ?? {};
    return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
  });
});

beforeEach(() => {
  broken = {};
  setupProblem = undefined;
  beforePrepare = undefined;
  beforeCleanUp = undefined;
  claimProblem = undefined;
  beforeClaims = undefined;
});

after(async () => {
  stop?.();
  informers?.stop();
  await server?.stop();
});

async function create(name: string, spec: object = {}): Promise<void> {
  await server.client.create(pods, {
    metadata: { name, namespace },
    spec: {
      nodeName,
      terminationGracePeriodSeconds: 5,
      containers: [{ name: 'main', image: 'web:1' }],
      ...spec,
    },
  } as Pod);
}

const all = async () => (await server.client.list(pods, { namespace })).items;
const phaseOf = async (name: string) =>
  (await server.client.get(pods, { namespace, name }).catch(() => undefined))?.status?.phase;

/** Lets virtual time pass until `holds`. */
async function until(what: string, holds: () => Promise<boolean>, limitMs = 120_000): Promise<void> {
  for (let passedMs = 0; passedMs <= limitMs; passedMs += 500) {
    if (await holds()) return;
    await clock.advance(500);
  }
  assert.fail(`it never came to be: ${what}`);
}

test('a pod – whose image is never pulled – can be deleted', async () => {
  const asked = Promise.withResolvers<void>();
  broken = {
    pullImage() {
      asked.resolve();
      return new Promise(() => undefined);
    },
  };
  await create('waiting', { containers: [{ name: 'main', image: 'slow:1' }] });
  await clock.advance(500);
  await asked.promise;
  await server.client.delete(pods, { namespace, name: 'waiting' });
  await until('it is gone', async () => (await phaseOf('waiting')) === undefined);
});

test('a failed pull – its reason – is ErrImagePull for a moment, then for 10 to 15 s, as upstream', async () => {
  broken = { pullImage: () => Promise.reject(new Error('nowhere')) };
  await create('pulling', { containers: [{ name: 'main', image: 'nowhere:1' }] });
  const recorded: { reason: string | undefined; seconds: number }[] = [];
  for (let halves = 0; halves < 120; halves++) {
    await clock.advance(500);
    const { status } = await server.client.get(pods, { namespace, name: 'pulling' });
    const reason = status?.containerStatuses?.[0]?.state?.waiting?.reason;
    const last = recorded.at(-1);
    if (last?.reason === reason) last!.seconds += 0.5;
    else recorded.push({ reason, seconds: 0.5 });
  }
  const [first, ...later] = recorded.filter(({ reason }) => reason !== 'ContainerCreating');
  assert.equal(first?.reason, 'ErrImagePull');
  assert.ok(first.seconds <= 2, `shown for ${first.seconds} s`);
  const whole = later.slice(0, 3);
  const words = ['ImagePullBackOff', 'ErrImagePull', 'ImagePullBackOff'];
  assert.deepEqual(
    whole.map(({ reason }) => reason),
    words,
  );
  for (const { seconds } of whole) assert.ok(seconds >= 9.5 && seconds <= 15.5, `shown for ${seconds} s`);
  await server.client.delete(pods, { namespace, name: 'pulling' }, { gracePeriodSeconds: 0 });
});

test('a sandbox – that cannot be made – is made again later', async () => {
  broken = { runPodSandbox: () => Promise.reject(new Error('no room')) };
  await create('patient');
  await clock.advance(5000);
  assert.equal(await phaseOf('patient'), 'Pending');
  broken = {};
  await until('it runs', async () => (await phaseOf('patient')) === 'Running');
  await server.client.delete(pods, { namespace, name: 'patient' }, { gracePeriodSeconds: 0 });
});

test('a sandbox – made although its making was cancelled – is removed with its pod', async () => {
  const asked = Promise.withResolvers<SandboxConfig>();
  const { runPodSandbox, stopPodSandbox } = node.runtime;
  const stopped: string[] = [];
  broken = {
    runPodSandbox(config, _handler, signal) {
      asked.resolve(config);
      return new Promise((_, reject) => {
        const cancelled = () => reject(new RuntimeError('Canceled', 'context canceled'));
        signal?.addEventListener('abort', cancelled, { once: true });
      });
    },
    stopPodSandbox(id) {
      stopped.push(id);
      return stopPodSandbox(id);
    },
  };
  let late = '';
  beforeCleanUp = async () => {
    if (late !== '') return;
    late = await runPodSandbox(await asked.promise);
    throw new Error('its control group is in use');
  };
  await create('late');
  await clock.advance(500);
  await asked.promise;
  await server.client.delete(pods, { namespace, name: 'late' });
  await until('it is gone', async () => (await phaseOf('late')) === undefined);
  assert.deepEqual(stopped, [late]);
  const recorded = (await server.client.list(events, { namespace })).items.filter(
    ({ reason, involvedObject }) => reason === 'FailedCreatePodSandBox' && involvedObject.name === 'late',
  );
  assert.deepEqual(recorded, []);
});

test('a pod – whose set-up fails – has an event, and is tried again', async () => {
  setupProblem = new SetupError('FailedCreatePodContainer', 'unable to ensure pod container exists: no room');
  await create('unset');
  const recorded = async () =>
    (await server.client.list(events, { namespace })).items.some(
      ({ reason, involvedObject }) =>
        reason === 'FailedCreatePodContainer' && involvedObject.name === 'unset',
    );
  await until('the event', recorded);
  assert.equal(await phaseOf('unset'), 'Pending');
  setupProblem = undefined;
  beforePrepare = undefined;
  await until('it runs', async () => (await phaseOf('unset')) === 'Running');
  await server.client.delete(pods, { namespace, name: 'unset' }, { gracePeriodSeconds: 0 });
});

test('a pod – whose volumes the node has no room for – fails as one that was not admitted', async () => {
  setupProblem = new PodRejected('VolumeAttachmentLimitExceeded', 'Node has reached its limit');
  await create('too-many');
  await until('it failed', async () => (await phaseOf('too-many')) === 'Failed');
  setupProblem = undefined;
  beforePrepare = undefined;
  const { status } = await server.client.get(pods, { namespace, name: 'too-many' });
  const { reason, message } = status ?? {};
  assert.deepEqual(
    [reason, message],
    ['VolumeAttachmentLimitExceeded', 'Pod was rejected: Node has reached its limit'],
  );
  await server.client.delete(pods, { namespace, name: 'too-many' }, { gracePeriodSeconds: 0 });
});

test('a pod that the node refuses – nothing of it began – its status and its event say why and no more', async () => {
  await create('refused', { os: { name: 'windows' } });
  await until('it failed', async () => (await phaseOf('refused')) === 'Failed');
  const { status } = await server.client.get(pods, { namespace, name: 'refused' });
  const why = "Failed to admit pod as the OS field doesn't match node OS";
  const { startTime, ...rest } = status ?? {};
  assert.ok(startTime);
  assert.deepEqual(rest, {
    phase: 'Failed',
    observedGeneration: 1,
    reason: 'PodOSNotSupported',
    message: `Pod was rejected: ${why}`,
    qosClass: 'BestEffort',
  });
  await until('the event', async () =>
    (await server.client.list(events, { namespace })).items.some(
      ({ reason, message }) => reason === 'PodOSNotSupported' && message === why,
    ),
  );
  await server.client.delete(pods, { namespace, name: 'refused' }, { gracePeriodSeconds: 0 });
});

test('a pod that an earlier life of the kubelet refused – it is seen again – its status stays as it was', async () => {
  const status = {
    phase: 'Failed',
    reason: 'AppArmor',
    message: 'Pod was rejected: no',
    qosClass: 'BestEffort',
  };
  await create('was-refused', { nodeName: undefined });
  const key = { namespace, name: 'was-refused' };
  await server.client.patch(pods, key, 'merge', { status }, { subresource: 'status' });
  await server.client.create(bindings, { metadata: key, target: { kind: 'Node', name: nodeName } });
  await create('after-it');
  await until('a later one runs', async () => (await phaseOf('after-it')) === 'Running');
  const { conditions, ...rest } = (await server.client.get(pods, key)).status ?? {};
  assert.deepEqual(
    conditions?.map(({ type }) => type),
    ['PodScheduled'],
  );
  assert.deepEqual(rest, status);
  for (const name of ['was-refused', 'after-it']) {
    await server.client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0 });
  }
});

test('a pod that names its node – a label that the node got later – it is taken, without it not', async () => {
  await server.client.patch(nodes, { name: nodeName }, 'merge', { metadata: { labels: { added: 'later' } } });
  await create('labelled', { nodeSelector: { added: 'later' } });
  await create('misled', { nodeSelector: { added: 'never' } });
  await until('one runs', async () => (await phaseOf('labelled')) === 'Running');
  await until('the other failed', async () => (await phaseOf('misled')) === 'Failed');
  for (const name of ['labelled', 'misled']) {
    await server.client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0 });
  }
});

test('a pod that names its node – does not tolerate a NoExecute taint of the node – it is not taken', async () => {
  const { client } = server;
  const taints = [{ key: 'gone', effect: 'NoExecute' }];
  await client.patch(nodes, { name: nodeName }, 'merge', { spec: { taints } });
  await until(
    'the kubelet sees the taint',
    async () => informers.for(nodes, ownNode).get(undefined, nodeName)?.spec?.taints !== undefined,
  );
  await create('kept-out');
  await create('let-in', { tolerations: [{ operator: 'Exists' }] });
  await until('one runs', async () => (await phaseOf('let-in')) === 'Running');
  await until('the other failed', async () => (await phaseOf('kept-out')) === 'Failed');
  const { status } = await client.get(pods, { namespace, name: 'kept-out' });
  assert.equal(status?.reason, 'TaintToleration');
  await client.patch(nodes, { name: nodeName }, 'merge', { spec: { taints: null } });
  for (const name of ['kept-out', 'let-in']) {
    await client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0 });
  }
  await until(
    'the kubelet sees no taint',
    async () => informers.for(nodes, ownNode).get(undefined, nodeName)?.spec?.taints === undefined,
  );
});

test('an orphaned pod – cannot be removed – does not keep the others', async () => {
  for (const name of ['stuck', 'free']) await create(name);
  await until(
    'they run',
    async () => (await phaseOf('stuck')) === 'Running' && (await phaseOf('free')) === 'Running',
  );
  const sandboxes = await node.runtime.listPodSandboxes();
  const stuck = sandboxes.find(({ name }) => name === 'stuck')?.id;
  const { removePodSandbox } = node.runtime;
  broken = {
    removePodSandbox: (id) => (id === stuck ? Promise.reject(new Error('busy')) : removePodSandbox(id)),
  };
  for (const name of ['stuck', 'free']) {
    await server.client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0 });
  }
  const names = async () => (await node.runtime.listPodSandboxes()).map(({ name }) => name);
  await until('the free one is gone', async () => !(await names()).includes('free'));
  assert.ok((await names()).includes('stuck'));
  broken = {};
  await until('the stuck one is gone', async () => !(await names()).includes('stuck'));
});

test('a pod – its kill fails – has an event, and is killed again later', async () => {
  await create('lasting');
  await until('it runs', async () => (await phaseOf('lasting')) === 'Running');
  const fail = () => Promise.reject(new Error('no answer'));
  broken = { stopContainer: fail, stopPodSandbox: fail };
  const { uid } = (await server.client.get(pods, { namespace, name: 'lasting' })).metadata;
  const problems = [
    'failed to "KillContainer" for "main" with KillContainerError: "no answer"',
    `failed to "KillPodSandbox" for "${uid}" with KillPodSandboxError: "no answer"`,
  ];
  await server.client.delete(pods, { namespace, name: 'lasting' });
  const recorded = async () =>
    (await server.client.list(events, { namespace })).items.some(
      ({ reason, message }) =>
        reason === 'FailedKillPod' && message === `error killing pod: [${problems.join(', ')}]`,
    );
  await until('the event', recorded);
  assert.equal(await phaseOf('lasting'), 'Running');
  broken = {};
  await until('it is gone', async () => (await phaseOf('lasting')) === undefined);
});

test('a pod – its claims cannot be prepared – is tried again after a minute, as upstream', async () => {
  const triesMs: number[] = [];
  beforeClaims = () => {
    triesMs.push(clock.now());
    if (triesMs.length < 3) throw new Error('the driver is not there');
  };
  await create('waiting', { resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }] });
  await until('it runs', async () => (await phaseOf('waiting')) === 'Running', 200_000);
  const waits = triesMs.slice(1).map((ms, index) => Math.round((ms - triesMs[index]!) / 1000));
  // The first status of the pod may bring one more try at once.
  assert.equal(waits.at(-1), 60);
  assert.ok(waits.every((seconds) => seconds === 60 || seconds === 0));
  await server.client.delete(pods, { namespace, name: 'waiting' }, { gracePeriodSeconds: 0 });
  await until('it is gone', async () => (await phaseOf('waiting')) === undefined);
});

test('a pod – that has ended, its claims cannot be unprepared – is not reported as ended until they are', async () => {
  const spec = {
    restartPolicy: 'Never',
    containers: [{ name: 'main', image: 'simulated/sleep:5s' }],
    resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }],
  };
  claimProblem = 'DRA driver gpu.example.com is not registered';
  await create('claiming', spec);
  const read = () => server.client.get(pods, { namespace, name: 'claiming' });
  await until('it has ended', async () => {
    const { status } = await read();
    return status?.containerStatuses?.[0]?.state?.terminated !== undefined;
  });
  await clock.advance(30_000);
  const { metadata, status } = await read();
  assert.equal(withClaims.has(metadata.uid), true);
  assert.notEqual(status?.phase, 'Succeeded');
  claimProblem = undefined;
  await until('it is reported', async () => (await phaseOf('claiming')) === 'Succeeded');
  assert.equal(withClaims.has(metadata.uid), false);
  await server.client.delete(pods, { namespace, name: 'claiming' }, { gracePeriodSeconds: 0 });
});

test('a pod – deleted, its claims cannot be unprepared – stays until they are', async () => {
  claimProblem = 'DRA driver gpu.example.com is not registered';
  await create('claiming-on', { resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }] });
  await until('it runs', async () => (await phaseOf('claiming-on')) === 'Running');
  await server.client.delete(pods, { namespace, name: 'claiming-on' });
  await clock.advance(60_000);
  assert.equal(await phaseOf('claiming-on'), 'Running');
  claimProblem = undefined;
  await until('it is gone', async () => (await phaseOf('claiming-on')) === undefined);
  assert.equal(withClaims.size, 0);
});

test('hundreds of pods – created and deleted – leave no timer, watch or record behind', async () => {
  const probe = { tcpSocket: { port: 80 }, periodSeconds: 1 };
  const container = { name: 'main', image: 'web:1', readinessProbe: probe, livenessProbe: probe };
  const round = async (count: number) => {
    const names = Array.from({ length: count }, (_, index) => `churn-${index}`);
    await Promise.all(names.map((name) => create(name, { containers: [container] })));
    await until('all run', async () => (await all()).every(({ status }) => status?.phase === 'Running'));
    await Promise.all(names.map((name) => server.client.delete(pods, { namespace, name })));
    await until('all are gone', async () => (await all()).length === 0);
    // Past the next tidying up, and past what the event recorder and the retries wait for.
    await clock.advance(130_000);
  };
  await round(5);
  const before = clock.pendingTimers();
  await round(200);
  assert.equal(clock.pendingTimers(), before);
  assert.deepEqual(await node.runtime.listPodSandboxes(), []);
  assert.deepEqual(await node.runtime.listContainers(), []);
  assert.deepEqual(node.pods(), []);
  assert.equal(queryObjects(PodWorker, { format: 'count' }), 0);
});

test('errors of the runtime – of a failed start, of a sandbox or probe – are recorded without their code, with it', async () => {
  const refusal = new RuntimeError('Unknown', 'failed to create containerd task: no such file');
  broken = { startContainer: () => Promise.reject(refusal) };
  await create('unstartable');
  const recorded = async (name: string) =>
    (await server.client.list(events, { namespace })).items
      .filter((event) => event.involvedObject.name === name)
      .map((event) => event.message ?? '');
  const waiting = async (name: string) =>
    (await server.client.get(pods, { namespace, name })).status?.containerStatuses?.[0]?.state?.waiting;
  await until('the start failed', async () => (await waiting('unstartable'))?.reason === 'RunContainerError');
  assert.equal((await waiting('unstartable'))?.message, refusal.description);
  assert.ok((await recorded('unstartable')).includes(`Error: ${refusal.description}`));
  broken = { createContainer: () => Promise.reject(refusal) };
  await create('unmakeable');
  await until('none was made', async () => (await waiting('unmakeable'))?.reason === 'CreateContainerError');
  assert.equal((await waiting('unmakeable'))?.message, refusal.description);
  broken = { runPodSandbox: () => Promise.reject(refusal) };
  await create('homeless');
  await until('there is no sandbox', async () =>
    (await recorded('homeless')).includes(`Failed to create pod sandbox: ${refusal.message}`),
  );
});

test('a secret – that is no text – is rejected as a variable, and no other value replaces it', async () => {
  const data = { bytes: Buffer.from('caf\xe9', 'latin1').toString('base64'), text: 'YmV0YQ==' };
  await server.client.create(secrets, { metadata: { name: 'mixed', namespace }, data });
  const env = (key: string) => [{ name: 'X', valueFrom: { secretKeyRef: { name: 'mixed', key } } }];
  await create('bytes', { containers: [{ name: 'main', image: 'web:1', env: env('bytes') }] });
  await create('text', { containers: [{ name: 'main', image: 'web:1', env: env('text') }] });
  await until('the other runs', async () => (await phaseOf('text')) === 'Running');
  const status = async () => (await server.client.get(pods, { namespace, name: 'bytes' })).status;
  const waiting = async () => (await status())?.containerStatuses?.[0]?.state?.waiting;
  await until('it is refused', async () => (await waiting())?.reason === 'CreateContainerError');
  const why = 'grpc: error while marshaling: string field contains invalid UTF-8';
  assert.equal((await waiting())?.message, why);
});

test('a start – its pod is deleted meanwhile – is finished when short, cancelled when long', async () => {
  const cancelled: boolean[] = [];
  const start = (resolveInMs: number, onAsked: () => void) => (_: string, signal?: AbortSignal) => {
    onAsked();
    return new Promise<void>((resolve, reject) => {
      const timer = clock.after(resolveInMs, () => {
        cancelled.push(signal?.aborted === true);
        resolve();
      });
      signal?.addEventListener('abort', () => {
        timer.cancel();
        cancelled.push(true);
        reject(new RuntimeError('Canceled', 'context canceled'));
      });
    });
  };
  for (const [name, resolveInMs] of [
    ['quick', 1500],
    ['endless', 3_600_000],
  ] as const) {
    const asked = Promise.withResolvers<void>();
    broken = { startContainer: start(resolveInMs, asked.resolve) };
    await create(name);
    await clock.advance(500);
    await asked.promise;
    await server.client.delete(pods, { namespace, name });
    await until('it is gone', async () => (await phaseOf(name)) === undefined);
  }
  assert.deepEqual(cancelled, [false, true]);
});

test('a status – that observes a resized spec – has PodResizeInProgress until containers have it', async () => {
  const resources = (cpu: string) => ({ requests: { cpu: '50m' }, limits: { cpu } });
  await create('resized', { containers: [{ name: 'main', image: 'web:1', resources: resources('100m') }] });
  await until('it runs', async () => (await phaseOf('resized')) === 'Running');
  const held = Promise.withResolvers<void>();
  broken = { updateContainerResources: () => held.promise };
  const patch = { spec: { containers: [{ name: 'main', resources: resources('200m') }] } };
  const key = { namespace, name: 'resized' };
  await server.client.patch(pods, key, 'strategic', patch, { subresource: 'resize' });
  const status = async () => (await server.client.get(pods, key)).status;
  const limit = async () => (await status())?.containerStatuses?.[0]?.resources?.limits?.['cpu'];
  await until('it is observed', async () => (await status())?.observedGeneration === 2);
  const underWay = async () =>
    (await status())?.conditions?.some(
      ({ type, observedGeneration }) => type === 'PodResizeInProgress' && observedGeneration === 2,
    );
  assert.deepEqual([await underWay(), await limit()], [true, '100m']);
  held.resolve();
  await until('it is over', async () => !(await underWay()));
  assert.equal(await limit(), '200m');
});

test('a critical pod – on a full node – is admitted when a pod of lower priority has ended for it', async () => {
  const asking = { containers: [{ name: 'main', image: 'web:1', resources: { requests: { cpu: '60' } } }] };
  await create('filler', asking);
  await until('it runs', async () => (await phaseOf('filler')) === 'Running');
  await create('refused', asking);
  await until('there is no room', async () => (await phaseOf('refused')) === 'Failed');
  await create('critical', { ...asking, priority: 2_000_001_000 });
  await until('it runs', async () => (await phaseOf('critical')) === 'Running');
  const { status } = await server.client.get(pods, { namespace, name: 'filler' });
  const { phase, reason, message, conditions } = status ?? {};
  assert.deepEqual(
    [phase, reason, message],
    ['Failed', 'Preempting', 'Preempted in order to admit critical pod'],
  );
  const disruption = conditions?.find(({ type }) => type === 'DisruptionTarget');
  assert.deepEqual(
    [disruption?.status, disruption?.reason, disruption?.message],
    ['True', 'TerminationByKubelet', 'Pod was preempted by Kubelet to accommodate a critical pod.'],
  );
});

test('an ephemeral container – that is added while its pod is prepared – is prepared before it is made', async () => {
  await create('debugged');
  await until('it runs', async () => (await phaseOf('debugged')) === 'Running');
  const prepared = new Set<string>();
  const begun = Promise.withResolvers<void>();
  const added = Promise.withResolvers<void>();
  const made: boolean[] = [];
  beforePrepare = async ({ spec }) => {
    begun.resolve();
    await added.promise;
    for (const { name } of spec.ephemeralContainers ?? []) prepared.add(name);
  };
  const createContainer = node.runtime.createContainer.bind(node.runtime);
  broken = {
    createContainer(sandboxId, config, ...more) {
      const { name } = config.metadata;
      if (name === 'debugger') made.push(prepared.has(name));
      return createContainer(sandboxId, config, ...more);
    },
  };
  const key = { namespace, name: 'debugged' };
  const subresource = 'ephemeralcontainers';
  const add = (name: string) => {
    const spec = { ephemeralContainers: [{ name, image: 'web:1' }] };
    return server.client.patch(pods, key, 'strategic', { spec }, { subresource });
  };
  await server.client.patch(pods, key, 'merge', { metadata: { labels: { look: 'again' } } });
  await clock.advance(500);
  await begun.promise;
  await add('debugger');
  await clock.advance(500);
  added.resolve();
  await until('it is made', async () => made.length > 0);
  assert.deepEqual(made, [true]);
});
