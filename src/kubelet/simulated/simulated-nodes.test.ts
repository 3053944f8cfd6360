import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { events, nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import { silentLog } from '#base/log.ts';
import type { Informers } from '#client/informers/informer.ts';
import { createInformers } from '#client/informers/informers.ts';
import { systemRandom } from '#host/system-env.ts';
import { startTestServer, type TestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { type SimulatedNodes, startSimulatedNodes } from './simulated-nodes.ts';

const clock = new VirtualClock();
const env = { clock, random: systemRandom, log: silentLog };
let server: TestServer;
let informers: Informers;
let simulated: SimulatedNodes;

before(async () => {
  server = await startTestServer({ env });
  informers = createInformers(server.client, env);
  const starting = startSimulatedNodes({
    env,
    clientOf: () => server.client,
    informersOf: () => informers,
    count: 2,
    nodeIp: '127.0.0.1',
    port: 10250,
  });
  await passes(2000);
  simulated = await starting;
});

after(async () => {
  await simulated?.stop();
  informers?.stop();
  await server?.stop();
});

async function passes(ms: number): Promise<void> {
  for (let step = 0; step < 10; step++) await clock.advance(ms / 10);
}

async function create(name: string, spec: object, annotations: Record<string, string> = {}): Promise<void> {
  await server.client.create(pods, {
    metadata: { name, namespace: 'default', annotations },
    spec: {
      nodeName: 'simulated-1',
      terminationGracePeriodSeconds: 5,
      containers: [{ name: 'main', image: 'web:1' }],
      ...spec,
    },
  } as Pod);
}

async function statusOf(name: string) {
  return (await server.client.get(pods, { namespace: 'default', name })).status ?? {};
}

async function onNode(name: string): Promise<Pod[]> {
  return (await server.client.list(pods, { fieldSelector: `spec.nodeName=${name}` })).items;
}

/** Lets virtual time pass until `holds`. */
async function until(what: string, holds: () => Promise<boolean>, limitMs = 60_000): Promise<void> {
  for (let passedMs = 0; passedMs <= limitMs; passedMs += 500) {
    if (await holds()) return;
    await clock.advance(500);
  }
  assert.fail(`it never came to be: ${what}`);
}

test('a pod – its node has no pod range yet – waits with a reason; no two pods share an address', async () => {
  const ready = async (name: string) =>
    (await server.client.get(nodes, { name })).status?.conditions?.find(
      (condition) => condition.type === 'Ready',
    );
  assert.equal((await ready('simulated-1'))?.status, 'False');
  assert.match((await ready('simulated-1'))?.message ?? '', /NetworkReady=false/);
  await create('early', {});
  await create('early-elsewhere', { nodeName: 'simulated-0' });
  const recorded = async () =>
    (await server.client.list(events, { namespace: 'default' })).items.some(
      (event) => event.reason === 'NetworkNotReady' && event.involvedObject.name === 'early',
    );
  await until('the event', recorded);
  assert.equal((await statusOf('early')).podIP, undefined);
  for (const i of [0, 1]) {
    const podCIDR = `10.244.${i}.0/24`;
    const patch = { spec: { podCIDR, podCIDRs: [podCIDR] } };
    await server.client.patch(nodes, { name: `simulated-${i}` }, 'merge', patch);
  }
  await until('ready', async () => (await ready('simulated-1'))?.status === 'True');
  for (const name of ['early', 'early-elsewhere']) {
    await until(`${name} runs`, async () => (await statusOf(name)).phase === 'Running');
  }
  assert.match((await statusOf('early')).podIP ?? '', /^10\.244\.1\./);
  assert.match((await statusOf('early-elsewhere')).podIP ?? '', /^10\.244\.0\./);
});

test('a simulated node – started – is registered and ready', async () => {
  const node = await server.client.get(nodes, { name: 'simulated-0' });
  assert.equal(node.status?.conditions?.find((condition) => condition.type === 'Ready')?.status, 'True');
  assert.equal(node.status?.nodeInfo?.kubeletVersion, 'v1.36.0');
});

test('a pod – created and deleted – runs, is ready, and ends with its grace period', async () => {
  await create('plain', {});
  await until('running', async () => (await statusOf('plain')).phase === 'Running');
  const status = await statusOf('plain');
  assert.equal(status.conditions?.find((condition) => condition.type === 'Ready')?.status, 'True');
  assert.match(status.podIP ?? '', /^10\.244\./);
  assert.equal(status.containerStatuses?.[0]?.started, true);
  await server.client.delete(pods, { namespace: 'default', name: 'plain' });
  await until('gone', async () =>
    statusOf('plain').then(
      () => false,
      () => true,
    ),
  );
});

test('a failing container – each time – backs off longer', async () => {
  await create('crash', { containers: [{ name: 'main', image: 'simulated/exit:3' }] });
  await until('back-off', async () => {
    const waiting = (await statusOf('crash')).containerStatuses?.[0]?.state?.waiting;
    return (
      waiting?.reason === 'CrashLoopBackOff' && waiting.message!.startsWith('back-off 20s restarting failed')
    );
  });
  const status = (await statusOf('crash')).containerStatuses![0]!;
  assert.equal(status.lastState?.terminated?.exitCode, 3);
  assert.equal(status.lastState?.terminated?.reason, 'Error');
  assert.equal(status.restartCount, 2);
});

/** When its containers started, in seconds from the first start on. */
async function startsOf(pod: string, count: number): Promise<number[]> {
  const seen: number[] = [];
  const look = async () => {
    const { state, lastState } = (await statusOf(pod)).containerStatuses?.[0] ?? {};
    const { startedAt = undefined } = state?.running ?? state?.terminated ?? lastState?.terminated ?? {};
    const atMs = Date.parse(startedAt ?? '');
    if (atMs && atMs !== seen.at(-1)) seen.push(atMs);
    return seen.length >= count;
  };
  await until(`${count} starts`, look, 3_600_000);
  return seen.map((atMs) => (atMs - seen[0]!) / 1000);
}

test('restarts – of a container that always fails – come at once, then after 10 s, doubled up to 5 minutes, with events', async () => {
  await create('crash-on', { containers: [{ name: 'main', image: 'simulated/exit:3' }] });
  const starts = await startsOf('crash-on', 8);
  const gaps = starts.slice(1).map((at, index) => Math.round((at - starts[index]!) / 10) * 10);
  assert.deepEqual(gaps, [10, 20, 40, 80, 160, 300, 300]);
  // The first restart came in the second of the first start.
  assert.equal((await statusOf('crash-on')).containerStatuses?.[0]?.restartCount, starts.length);
  const { uid } = (await server.client.get(pods, { namespace: 'default', name: 'crash-on' })).metadata;
  const recorded = (await server.client.list(events, { namespace: 'default' })).items.filter(
    (event) => event.reason === 'BackOff' && event.involvedObject.name === 'crash-on',
  );
  const message = `Back-off restarting failed container main in pod crash-on_default(${uid})`;
  assert.deepEqual([...new Set(recorded.map((event) => event.message))], [message]);
  const waiting = (await statusOf('crash-on')).containerStatuses?.[0]?.state?.waiting;
  assert.deepEqual(waiting, {
    reason: 'CrashLoopBackOff',
    message: `back-off 5m0s restarting failed container=main pod=crash-on_default(${uid})`,
  });
});

test('a failing container – that ran for more than ten minutes – has its back-off reset', async () => {
  await create('steady', { containers: [{ name: 'main', image: 'simulated/sleep:11m' }] });
  const starts = await startsOf('steady', 4);
  assert.deepEqual(
    starts.map((at) => Math.floor(at / 660)),
    [0, 1, 2, 3],
  );
});

test('a restart rule – for the exit code – overrides the policy of container and pod', async () => {
  const restartPolicyRules = [{ action: 'Restart', exitCodes: { operator: 'In', values: [3, 4] } }];
  const container = (image: string) => ({ name: 'main', image, restartPolicy: 'Never', restartPolicyRules });
  await create('ruled', { restartPolicy: 'Never', containers: [container('simulated/exit:3')] });
  await create('unruled', { restartPolicy: 'Never', containers: [container('simulated/exit:5')] });
  await until(
    'a restart',
    async () => ((await statusOf('ruled')).containerStatuses?.[0]?.restartCount ?? 0) > 1,
  );
  assert.equal((await statusOf('ruled')).phase, 'Running');
  assert.equal((await statusOf('unruled')).phase, 'Failed');
  assert.equal((await statusOf('unruled')).containerStatuses?.[0]?.restartCount, 0);
});

test('a restart rule – for all containers – starts the pod again from its init containers, in place', async () => {
  const restartPolicyRules = [
    { action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } },
  ];
  const source = { name: 'source', image: 'simulated/exit:42', restartPolicy: 'Never', restartPolicyRules };
  await create('reset', {
    restartPolicy: 'Never',
    initContainers: [{ name: 'init', image: 'simulated/sleep:2s' }],
    containers: [source, { name: 'other', image: 'web:1' }],
  });
  const all = async () => {
    const { initContainerStatuses = [], containerStatuses = [] } = await statusOf('reset');
    return [...initContainerStatuses, ...containerStatuses];
  };
  await until('two restarts', async () => {
    const statuses = await all();
    return statuses.length === 3 && statuses.every(({ restartCount }) => restartCount >= 2);
  });
  const { phase, conditions = [], podIP } = await statusOf('reset');
  assert.deepEqual([phase, podIP !== undefined], ['Running', true]);
  const initialized = conditions.find(({ type }) => type === 'Initialized');
  assert.equal(initialized?.status, 'True');
  assert.ok(conditions.some(({ type }) => type === 'AllContainersRestarting'));
  const other = (await all()).find(({ name }) => name === 'other');
  assert.deepEqual(other?.lastState?.terminated?.reason, 'RestartingAllContainers');
  assert.equal(other?.lastState?.terminated?.exitCode, 137);
});

test('init containers – run one after the other – then the pod completes', async () => {
  await create('job', {
    restartPolicy: 'Never',
    initContainers: [
      { name: 'one', image: 'simulated/sleep:2s' },
      { name: 'two', image: 'simulated/sleep:2s' },
    ],
    containers: [{ name: 'main', image: 'simulated/sleep:3s' }],
  });
  await until('second init container', async () => {
    const [first, two] = (await statusOf('job')).initContainerStatuses ?? [];
    return first?.state?.terminated?.reason === 'Completed' && two?.state?.running !== undefined;
  });
  const during = await statusOf('job');
  assert.equal(during.phase, 'Pending');
  assert.equal(during.containerStatuses?.[0]?.state?.waiting?.reason, 'PodInitializing');
  await until('completed', async () => (await statusOf('job')).phase === 'Succeeded');
});

test('an absent image – its pull fails – backs off', async () => {
  await create('absent', { containers: [{ name: 'main', image: 'simulated/absent:1' }] });
  const reason = async () => (await statusOf('absent')).containerStatuses?.[0]?.state?.waiting?.reason;
  await until('error', async () => (await reason()) === 'ErrImagePull');
  await until('back-off', async () => (await reason()) === 'ImagePullBackOff');
});

test('a readiness probe – failing – keeps a pod unready', async () => {
  const readinessProbe = {
    tcpSocket: { port: 80 },
    periodSeconds: 1,
    successThreshold: 1,
    failureThreshold: 3,
    timeoutSeconds: 1,
  };
  await create(
    'slow',
    { containers: [{ name: 'main', image: 'web:1', readinessProbe }] },
    { 'simulated.kybern.dev/ready-after': '8s' },
  );
  const ready = async () => (await statusOf('slow')).containerStatuses?.[0]?.ready;
  await until('running', async () => (await statusOf('slow')).phase === 'Running');
  assert.equal(await ready(), false);
  await until('ready', async () => (await ready()) === true);
});

test('pods – created and deleted in great numbers – never find the node full of removed pods', async () => {
  const room = 110 - (await onNode('simulated-0')).length;
  const names = (round: number) => Array.from({ length: room }, (_, index) => `churn-${round}-${index}`);
  const phases = async (round: number) =>
    Promise.all(names(round).map(async (name) => (await statusOf(name)).phase));
  for (const [round, gracePeriodSeconds] of [5, 0, 5, 0].entries()) {
    // Those of the round before are gone from the API server, but the node may still be ending them.
    const slow = { 'simulated.kybern.dev/stop-after': '1s' };
    await Promise.all(names(round).map((name) => create(name, { nodeName: 'simulated-0' }, slow)));
    await until(`round ${round} is decided`, async () => !(await phases(round)).includes('Pending'));
    assert.deepEqual([...new Set(await phases(round))], ['Running']);
    const options = { gracePeriodSeconds };
    await Promise.all(
      names(round).map((name) => server.client.delete(pods, { namespace: 'default', name }, options)),
    );
    await until('forgotten', async () => (await onNode('simulated-0')).length === 110 - room);
  }
});

test('a pod – rejected by the node – takes no room from the next one', async () => {
  const cpus = (cpu: string) => ({
    nodeName: 'simulated-0',
    containers: [{ name: 'main', image: 'web:1', resources: { requests: { cpu } } }],
  });
  await Promise.all([create('too-big', cpus('33')), create('fitting', cpus('32'))]);
  await until('decided', async () => (await statusOf('fitting')).phase !== 'Pending');
  assert.equal((await statusOf('too-big')).reason, 'OutOfcpu');
  assert.equal((await statusOf('fitting')).phase, 'Running');
});
