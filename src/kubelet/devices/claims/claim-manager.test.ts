/** Claims of a real API server, prepared by real gRPC drivers. */

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { namespaces, resourceClaims } from '#api/generated/kinds.gen.ts';
import type { PodSpec } from '#api/generated/types.gen.ts';
import { silentLog } from '#base/log.ts';
import { systemClock } from '#host/system-env.ts';
import type { NodePod } from '#kubelet/pod/pod.ts';
import { TestDraDriver } from '#testing/kubelet/dra-driver.ts';
import { Failure, nonsense } from '#testing/kubelet/plugin-server.ts';
import { storedPod } from '#testing/objects.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { ClaimManager } from './claim-manager.ts';
import { ClaimMetrics } from './claim-metrics.ts';
import { ClaimDrivers } from './drivers.ts';
import { DeviceHealths } from './health/device-health.ts';
import { PreparedClaims } from './prepared-claims.ts';

const signal = new AbortController().signal;
const container = { name: 'main', resources: { claims: [{ name: 'gpu' }] } };

interface ClaimTraits {
  /** Uids of pods; default that of `p`. */
  readonly reservedFor?: readonly string[];
  /** Default one device of `gpu.example.com`; none for a claim that is not allocated. */
  readonly drivers?: readonly string[];
}

async function open(t: TestContext) {
  const dir = await mkdtemp('/tmp/kybern-claims-');
  const api = await startTestServer();
  await api.client.create(namespaces, { metadata: { name: 'default' } });
  const driver = new TestDraDriver(dir);
  const server = await driver.serve(t);
  const metrics = new ClaimMetrics(systemClock);
  const drivers = new ClaimDrivers({ metrics, onUsable: () => undefined });
  const deregister = await drivers.register(driver.info());
  const openManager = async () => {
    const claims = await PreparedClaims.open(silentLog, dir);
    const healths = new DeviceHealths(systemClock);
    return new ClaimManager({ log: silentLog, client: api.client, claims, drivers, metrics, healths });
  };
  t.after(async () => {
    await drivers.close();
    await api[Symbol.asyncDispose]();
    await rm(dir, { recursive: true });
  });
  const makeClaim = async (name: string, { reservedFor = ['p'], drivers: used }: ClaimTraits = {}) => {
    const exactly = { deviceClassName: 'gpu' };
    const claim = await api.client.create(resourceClaims, {
      metadata: { name, namespace: 'default' },
      spec: { devices: { requests: [{ name: 'req', exactly }] } },
    });
    const results = (used ?? [driver.name]).map((name, index) => ({
      request: 'req',
      driver: name,
      pool: 'n1',
      device: `gpu-${index}`,
    }));
    const reservations = reservedFor.map((uid) => ({ resource: 'pods', name: uid, uid }));
    const allocation = used?.length === 0 ? {} : { allocation: { devices: { results } } };
    const status = { ...allocation, ...(used?.length === 0 ? {} : { reservedFor: reservations }) };
    return api.client.updateStatus(resourceClaims, { ...claim, status });
  };
  const stored = async () => parseCheckpoint(await readFile(`${dir}/dra_manager_state`, 'utf8'));
  return {
    api,
    driver,
    server,
    drivers,
    deregister,
    openManager,
    manager: await openManager(),
    makeClaim,
    stored,
  };
}

function podWith(claim: string, uid = 'p', more: Partial<PodSpec> = {}): NodePod {
  const claims = claim.split(',').map((name, index) => ({
    name: index === 0 ? 'gpu' : `gpu${index}`,
    resourceClaimName: name,
  }));
  return storedPod(uid, {
    metadata: { uid },
    spec: { containers: [container], resourceClaims: claims, ...more },
  });
}

const cdiOf = async (manager: ClaimManager, pod: NodePod) =>
  (await manager.devicesOf(pod, container))?.cdiDevices;

test('a pod – its claims prepared – gets their devices, until they are unprepared', async (t) => {
  const { driver, manager, makeClaim, stored } = await open(t);
  await makeClaim('c1');
  await makeClaim('c2');
  const pod = podWith('c1,c2');
  await manager.prepare(pod, signal);
  await manager.prepare(pod, signal);
  assert.deepEqual(driver.calls, ['+c1,c2']);
  assert.deepEqual(await cdiOf(manager, pod), ['example.com/gpu=c1']);
  assert.deepEqual(
    manager.preparedClaims(pod, container).map(({ name }) => name),
    ['c1'],
  );
  assert.deepEqual(
    (await stored()).map(({ name, podUids }) => [name, ...podUids]),
    [
      ['c1', 'p'],
      ['c2', 'p'],
    ],
  );
  assert.equal(manager.holds('p'), true);
  assert.deepEqual(manager.healthOf(pod, container), [
    { name: 'claim:gpu', resources: [{ resourceID: 'example.com/gpu=c1', health: 'Unknown' }] },
  ]);
  const gpu = { pool: 'n1', device: 'gpu-0' };
  assert.deepEqual([...manager.podsWith(driver.name, [gpu])], ['p']);
  assert.deepEqual([...manager.podsWith(driver.name, [{ ...gpu, device: 'gpu-1' }])], []);
  await manager.unprepare('p');
  await manager.unprepare('p');
  assert.deepEqual(driver.calls, ['+c1,c2', '-c1,c2']);
  assert.equal(manager.holds('p'), false);
  assert.deepEqual(await stored(), []);
});

test('a pod – without claims – asks no driver', async (t) => {
  const { driver, manager } = await open(t);
  const pod = storedPod('p', { spec: { containers: [{ name: 'main' }] } });
  await manager.prepare(pod, signal);
  assert.equal(await manager.devicesOf(pod, { name: 'main' }), undefined);
  await manager.unprepare('p');
  assert.deepEqual(driver.calls, []);
});

test('a claim – of many pods – is prepared with the first and unprepared with the last', async (t) => {
  const { driver, manager, makeClaim } = await open(t);
  const uids = ['p1', 'p2', 'p3'];
  await makeClaim('c', { reservedFor: uids });
  await Promise.all(uids.map((uid) => manager.prepare(podWith('c', uid), signal)));
  assert.deepEqual(driver.calls, ['+c']);
  await Promise.all(uids.map((uid) => manager.unprepare(uid)));
  assert.deepEqual(driver.calls, ['+c', '-c']);
});

test('a claim – unprepared for one pod while another begins – is prepared again', async (t) => {
  const { driver, manager, makeClaim } = await open(t);
  await makeClaim('c', { reservedFor: ['p1', 'p2'] });
  await manager.prepare(podWith('c', 'p1'), signal);
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
  driver.before = (method) => {
    onAsked();
    return method === 'NodeUnprepareResources' ? answered : Promise.resolve();
  };
  const unpreparing = manager.unprepare('p1');
  await asked;
  const preparing = manager.prepare(podWith('c', 'p2'), signal);
  answer();
  await Promise.all([unpreparing, preparing]);
  assert.deepEqual(driver.calls, ['+c', '-c', '+c']);
  assert.deepEqual(await cdiOf(manager, podWith('c', 'p2')), ['example.com/gpu=c']);
});

test('claims of two drivers – prepared – ask each driver once', async (t) => {
  const { drivers, driver, manager, makeClaim } = await open(t);
  const dir = await mkdtemp('/tmp/kybern-other-driver-');
  t.after(() => rm(dir, { recursive: true }));
  const other = new TestDraDriver(dir, 'nic.example.com');
  await other.serve(t);
  await drivers.register(other.info());
  await makeClaim('c1', { drivers: [driver.name, other.name] });
  await makeClaim('c2', { drivers: [other.name] });
  await manager.prepare(podWith('c1,c2'), signal);
  assert.deepEqual([driver.calls, other.calls], [['+c1'], ['+c1,c2']]);
  await manager.unprepare('p');
  assert.deepEqual(
    [driver.calls, other.calls],
    [
      ['+c1', '-c1'],
      ['+c1,c2', '-c1,c2'],
    ],
  );
});

test('a kubelet that starts again – prepared claims – knows their devices, and unprepares them', async (t) => {
  const { driver, manager, openManager, makeClaim } = await open(t);
  await makeClaim('c', { reservedFor: ['p', 'p2'] });
  await manager.prepare(podWith('c'), signal);
  const next = await openManager();
  assert.deepEqual(await cdiOf(next, podWith('c')), ['example.com/gpu=c']);
  // As upstream: it does not know whether its predecessor was answered.
  await next.prepare(podWith('c', 'p2'), signal);
  assert.deepEqual(driver.calls, ['+c', '+c']);
  assert.deepEqual(await cdiOf(next, podWith('c')), ['example.com/gpu=c']);
  await next.release((uid) => uid === 'p2');
  assert.deepEqual([next.holds('p'), next.holds('p2')], [false, true]);
  await next.release(() => false);
  assert.deepEqual(driver.calls, ['+c', '+c', '-c']);
});

test('a pod – its driver fails – is prepared later, and unprepared if it ends before', async (t) => {
  const { driver, manager, makeClaim, stored } = await open(t);
  await makeClaim('c');
  driver.answers.set('c', { error: 'no such device' });
  await assert.rejects(manager.prepare(podWith('c'), signal), {
    message: 'prepare dynamic resources: NodePrepareResources failed for ResourceClaim c: no such device',
  });
  assert.deepEqual(
    (await stored()).map(({ name }) => name),
    ['c'],
  );
  driver.answers.delete('c');
  await manager.prepare(podWith('c'), signal);
  driver.answers.set('c', { error: 'busy' });
  await assert.rejects(manager.unprepare('p'), {
    message: 'unprepare dynamic resources: NodeUnprepareResources failed for ResourceClaim c: busy',
  });
  assert.equal(manager.holds('p'), true);
  driver.answers.delete('c');
  await manager.unprepare('p');
  assert.deepEqual(await stored(), []);
});

test('a pod – its driver is away when it ends – keeps its claims until the driver is back', async (t) => {
  const { driver, drivers, deregister, manager, makeClaim } = await open(t);
  await makeClaim('c');
  await manager.prepare(podWith('c'), signal);
  await deregister();
  await assert.rejects(manager.unprepare('p'), {
    message: 'unprepare dynamic resources: DRA driver gpu.example.com is not registered',
  });
  await drivers.register(driver.info());
  await manager.unprepare('p');
  assert.equal(manager.holds('p'), false);
});

test('a pod – deleted while its driver hangs – is not waited for, and is unprepared', async (t) => {
  const { driver, manager, makeClaim } = await open(t);
  await makeClaim('c');
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
  driver.before = () => {
    onAsked();
    return new Promise(() => undefined);
  };
  const ending = new AbortController();
  const preparing = manager.prepare(podWith('c'), ending.signal);
  await asked;
  ending.abort(new Error('the pod ends'));
  await assert.rejects(preparing, { message: 'the pod ends' });
  driver.before = async () => undefined;
  await manager.unprepare('p');
  assert.deepEqual(driver.calls, ['+c', '-c']);
});

test('a pod – the driver of another pod hangs – is not held up', async (t) => {
  const { driver, drivers, manager, makeClaim } = await open(t);
  const dir = await mkdtemp('/tmp/kybern-other-driver-');
  t.after(() => rm(dir, { recursive: true }));
  const other = new TestDraDriver(dir, 'nic.example.com');
  await other.serve(t);
  await drivers.register(other.info());
  await makeClaim('hanging');
  await makeClaim('c', { drivers: [other.name] });
  driver.before = () => new Promise(() => undefined);
  const ending = new AbortController();
  const hanging = assert.rejects(manager.prepare(podWith('hanging'), ending.signal));
  await manager.prepare(podWith('c'), signal);
  ending.abort();
  await hanging;
  assert.deepEqual(other.calls, ['+c']);
});

const refusals: [what: string, traits: ClaimTraits, problem: string][] = [
  ['is not allocated', { drivers: [] }, 'is not allowed to use ResourceClaim c'],
  ['is reserved for another pod', { reservedFor: ['p2'] }, 'pod p (p) is not allowed to use ResourceClaim c'],
  [
    'has a driver that is unknown',
    { drivers: ['no.example.com'] },
    'DRA driver no.example.com is not registered',
  ],
];
for (const [what, traits, problem] of refusals) {
  test(`a pod – its claim ${what} – is refused, and nothing is noted`, async (t) => {
    const { manager, makeClaim, stored } = await open(t);
    await makeClaim('c', traits);
    await assert.rejects(manager.prepare(podWith('c'), signal), (error: Error) =>
      error.message.includes(problem),
    );
    assert.deepEqual(await stored(), []);
  });
}

test('a pod – its claim does not exist – is refused', async (t) => {
  const { manager } = await open(t);
  await assert.rejects(manager.prepare(podWith('c'), signal), {
    message: 'prepare dynamic resources: fetch ResourceClaim c: resourceclaims.resource.k8s.io "c" not found',
  });
});

test('a pod – the claim of an earlier one of its name is prepared – is refused', async (t) => {
  const { api, manager, makeClaim } = await open(t);
  const old = await makeClaim('c', { reservedFor: ['p', 'p2'] });
  await manager.prepare(podWith('c'), signal);
  await api.client.updateStatus(resourceClaims, { ...old, status: {} });
  await api.client.delete(resourceClaims, { namespace: 'default', name: 'c' });
  await makeClaim('c', { reservedFor: ['p2'] });
  await assert.rejects(manager.prepare(podWith('c', 'p2'), signal), {
    message: `prepare dynamic resources: old ResourceClaim with same name c and different UID ${old.metadata.uid} still exists (previous pod force-deleted?!)`,
  });
});

const answers: [what: string, answer: 'skips' | 'fails' | 'babbles', problem: string][] = [
  ['answers nothing', 'skips', 'NodePrepareResources skipped 1 ResourceClaims'],
  [
    'answers nonsense',
    'babbles',
    'NodePrepareResources: rpc error: code = Internal desc = Response message parsing error',
  ],
  ['fails as a whole', 'fails', 'NodePrepareResources: rpc error: code = Internal desc = no driver'],
];
for (const [what, answer, problem] of answers) {
  test(`a pod – its driver ${what} – is refused`, async (t) => {
    const { driver, manager, makeClaim } = await open(t);
    await makeClaim('c');
    if (answer === 'skips') driver.answers.set('c', undefined);
    else if (answer === 'babbles') driver.answer = nonsense;
    else driver.before = () => Promise.reject(new Failure('INTERNAL', 'no driver'));
    await assert.rejects(manager.prepare(podWith('c'), signal), ({ message }: Error) =>
      message.startsWith(`prepare dynamic resources: ${problem}`),
    );
  });
}

test('a container – its claims are not prepared – gets no devices, but an error', async (t) => {
  const { manager } = await open(t);
  await assert.rejects(manager.devicesOf(podWith('c'), container), {
    message: 'internal error: unable to get claim info for ResourceClaim c in namespace default',
  });
});
