/**
 * Devices of resource claims on a real node, by the driver of `examples/dra-driver` as its manifests deploy it:
 * prepared for pods, kept while the driver or kybern is killed, and unprepared in the end.
 */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { eventually, kubectl, kybern, repository, startTestCluster } from '../../support/cluster.ts';
import { addExample } from '../../support/example-image.ts';
import { addBusybox } from '../../support/images.ts';

const example = join(repository, 'examples/dra-driver');
const driverName = 'boards.example.com';
const healthPath = '.status.containerStatuses[0].allocatedResourcesStatus[0].resources[0]';
/** Then it belongs to another cluster of the machine, whose driver may have it mounted. */
const hadCdiFolder = existsSync('/var/run/cdi');
let cluster: Awaited<ReturnType<typeof startTestCluster>>;
const k = (...args: string[]) => kubectl(cluster, args);
const inSystem = (...args: string[]) => k('-n', 'boards', ...args);
const slices = (path: string) => k('get', 'resourceslices', '-o', `jsonpath={.items[*].${path}}`);
const apply = (object: object) => kubectl(cluster, ['apply', '-f', '-'], JSON.stringify(object));
const isReady = (pod: string) => k('wait', `pod/${pod}`, '--for=condition=Ready', '--timeout=60s');
const cdiFiles = async () =>
  (await readdir('/var/run/cdi').catch(() => [])).filter((name) => name.startsWith(driverName));

/** Ends by itself when the file /tmp/end is made. */
const untilEnd = ['sh', '-c', 'while [ ! -e /tmp/end ]; do sleep 0.1; done'];

async function createPod(name: string, claim: object, spec: object = {}): Promise<void> {
  const resources = { claims: [{ name: 'board' }] };
  await apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image: 'busybox:1', command: untilEnd, resources }],
      resourceClaims: [{ name: 'board', ...claim }],
      ...spec,
    },
  });
}

async function createClaim(name: string): Promise<void> {
  const requests = [{ name: 'board', exactly: { deviceClassName: 'board' } }];
  const spec = { devices: { requests } };
  await apply({ apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim', metadata: { name }, spec });
}

before(async () => {
  cluster = await startTestCluster([], 'device-claims');
  await addExample(cluster, 'dra-driver', { ref: 'boards-dra:1', folder: 'driver' });
  await addBusybox(cluster, 'busybox:1');
  await k('apply', '-f', join(example, 'manifests/driver.yaml'));
  await inSystem('rollout', 'status', 'daemonset/boards', '--timeout=120s');
});
/** The only device is free for the next test, whatever became of this one. */
afterEach(async () => {
  await rm('/var/lib/boards/board-0.broken', { force: true });
  await k('delete', 'pods,resourceclaims', '--all', '--timeout=60s');
});
after(async () => {
  await cluster?.dispose();
  await rm('/var/lib/boards', { recursive: true, force: true });
  for (const file of await cdiFiles()) await rm(`/var/run/cdi/${file}`);
  if (!hadCdiFolder) await rmdir('/var/run/cdi').catch(() => undefined);
});

test('a driver – registered – publishes the devices of its node', async () => {
  await eventually('the slice', async () => (await slices('spec.devices[*].name')) === 'board-0');
});

test('two pods – one device – have it one after the other, and only as long as they live', async () => {
  await k('apply', '-f', join(example, 'manifests/pods.yaml'));
  const running = [
    'get',
    'pods',
    '--field-selector=status.phase=Running',
    '-o',
    'jsonpath={.items[*].metadata.name}',
  ];
  await eventually('a pod runs', async () => (await k(...running)) !== '');
  const first = await k(...running);
  const second = first === 'first' ? 'second' : 'first';
  await isReady(first);
  assert.equal(
    await k('exec', first, '--', 'sh', '-c', 'echo $BOARD_0; cat /boards/board-0'),
    'serial-0\nserial-0\n',
  );
  const why = [
    'get',
    'pod',
    second,
    '-o',
    'jsonpath={.status.conditions[?(@.type=="PodScheduled")].message}',
  ];
  await eventually('the reason', async () => /cannot allocate all claims/.test(await k(...why)));
  const [prepared] = await cdiFiles();
  await k('delete', 'pod', first);
  await isReady(second);
  assert.notEqual((await cdiFiles())[0], prepared);
  assert.equal((await cdiFiles()).length, 1);
  await k('delete', 'pod', second);
  assert.deepEqual(await cdiFiles(), []);
  await eventually('no claim', async () => (await k('get', 'resourceclaims', '-o', 'name')) === '');
});

test('a claim – of two pods – is prepared until the last has ended, also by itself', async () => {
  await createClaim('shared');
  await createPod('lasting', { resourceClaimName: 'shared' });
  await createPod('ending', { resourceClaimName: 'shared' }, { restartPolicy: 'Never' });
  await Promise.all(['lasting', 'ending'].map(isReady));
  const prepared = await cdiFiles();
  assert.equal(prepared.length, 1);
  const node = await k('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}');
  const metrics = await k('get', '--raw', `/api/v1/nodes/${node}/proxy/metrics`);
  assert.match(metrics, /^dra_resource_claims_in_use\{driver_name="boards.example.com"\} 1$/m);
  assert.match(metrics, /^dra_grpc_operations_duration_seconds_count\{.*NodePrepareResources/m);
  const health = () => k('get', 'pod', 'lasting', '-o', `jsonpath={${healthPath}['health','message']}`);
  await eventually('a healthy device', async () => (await health()) === 'Healthy');
  await writeFile('/var/lib/boards/board-0.broken', 'smoke\n');
  await eventually('an unhealthy device', async () => (await health()) === 'Unhealthy smoke');
  await rm('/var/lib/boards/board-0.broken');
  await k('delete', 'pod', 'lasting');
  assert.deepEqual(await cdiFiles(), prepared);
  await k('exec', 'ending', '--', 'touch', '/tmp/end');
  const phase = ['get', 'pod', 'ending', '-o', 'jsonpath={.status.phase}'];
  await eventually('the end', async () => (await k(...phase)) === 'Succeeded');
  assert.deepEqual(await cdiFiles(), []);
});

test('a pod – asks for an extended resource that the class stands for – has a device of the class', async () => {
  const spec = { extendedResourceName: 'example.com/board' };
  await k('patch', 'deviceclass', 'board', '--type=merge', '-p', JSON.stringify({ spec }));
  const resources = { limits: { 'example.com/board': '1' } };
  const containers = [{ name: 'main', image: 'busybox:1', command: untilEnd, resources }];
  await createPod('extended', {}, { containers, resourceClaims: [] });
  await isReady('extended');
  assert.equal(await k('exec', 'extended', '--', 'cat', '/boards/board-0'), 'serial-0\n');
  await k('delete', 'pod', 'extended');
  assert.deepEqual(await cdiFiles(), []);
});

/** Where the driver runs: on every node when the selector is null. */
async function onNodes(nodeSelector: Record<string, string> | null): Promise<void> {
  const patch = { spec: { template: { spec: { nodeSelector } } } };
  await inSystem('patch', 'daemonset', 'boards', '-p', JSON.stringify(patch));
}

test('a driver – killed – holds up the end of its pods until it is back', async () => {
  await createClaim('patient');
  await createPod('patient', { resourceClaimName: 'patient' });
  await isReady('patient');
  await onNodes({ no: 'node' });
  try {
    await eventually('no driver', async () => (await inSystem('get', 'pods', '-o', 'name')) === '');
    await k('delete', 'pod', 'patient', '--wait=false');
    const exitCode = 'jsonpath={.status.containerStatuses[0].state.terminated.exitCode}';
    await eventually('its end', async () => (await k('get', 'pod', 'patient', '-o', exitCode)) !== '');
    assert.equal((await cdiFiles()).length, 1);
  } finally {
    await onNodes(null);
  }
  await k('wait', 'pod/patient', '--for=delete', '--timeout=60s');
  assert.deepEqual(await cdiFiles(), []);
});

test('kybern – killed while a claim is prepared – gives a restarted container its device, and unprepares it', async () => {
  await createClaim('kept');
  await createPod('kept', { resourceClaimName: 'kept' });
  await isReady('kept');
  const published = await slices('metadata.uid');
  const { pid } = JSON.parse(await kybern(cluster, ['status', '-o', 'json', '--name', cluster.name]));
  process.kill(pid, 'SIGKILL');
  await kybern(cluster, ['up', '--name', cluster.name]);
  assert.equal((await cdiFiles()).length, 1);
  await eventually('slices', async () => ![published, ''].includes(await slices('metadata.uid')));
  await k('exec', 'kept', '--', 'touch', '/tmp/end');
  const restarts = ['get', 'pod', 'kept', '-o', 'jsonpath={.status.containerStatuses[0].restartCount}'];
  await eventually('the restart', async () => (await k(...restarts)) === '1');
  await isReady('kept');
  assert.equal(await k('exec', 'kept', '--', 'cat', '/boards/board-0'), 'serial-0\n');
  await k('delete', 'pod', 'kept');
  assert.deepEqual(await cdiFiles(), []);
});
