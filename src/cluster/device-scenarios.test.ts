/** What upstream's end-to-end tests of claims for devices expect, on one simulated node: each with a class of its own. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  deviceClasses,
  pods,
  resourceClaims,
  resourceClaimTemplates,
  resourceSlices,
} from '#api/generated/kinds.gen.ts';
import type { Device, DeviceTaint, PodSpec } from '#api/generated/types.gen.ts';
import { isPodReady, podCondition } from '#api/pods/state.ts';
import type { Client } from '#client/client.ts';
import { systemEnv } from '#host/system-env.ts';
import { eventually } from '#testing/client-suite.ts';
import { newContainer, newPod } from '#testing/objects.ts';
import { type Cluster, startCluster } from './cluster.ts';

const namespace = 'default';
const env = systemEnv();
let cluster: Cluster;
let client: Client;

before(async () => {
  cluster = await startCluster({ env, simulatedNodes: 1 });
  ({ client } = cluster);
});
after(() => cluster.stop());

async function createClass(name: string, more: object = {}): Promise<void> {
  const cel = { expression: `device.driver == "${name}.example.com"` };
  await client.create(deviceClasses, { metadata: { name }, spec: { selectors: [{ cel }], ...more } });
}

async function publish(name: string, devices: readonly Device[] = [{ name: '0' }]): Promise<void> {
  const spec = {
    driver: `${name}.example.com`,
    nodeName: 'simulated-0',
    pool: { name: 'simulated-0', generation: 1, resourceSliceCount: 1 },
    devices: [...devices],
  };
  await client.create(resourceSlices, { metadata: { name }, spec });
}

const specFor = (deviceClassName: string) => ({
  devices: { requests: [{ name: 'req', exactly: { deviceClassName } }] },
});

async function createClaim(name: string): Promise<void> {
  await client.create(resourceClaims, { metadata: { name, namespace }, spec: specFor(name) });
}

async function createPod(name: string, spec: Partial<PodSpec>): Promise<void> {
  await client.create(pods, newPod(name, spec));
}

const withClaim = (resourceClaimName: string): Partial<PodSpec> => ({
  containers: [newContainer({ resources: { claims: [{ name: 'd' }] } })],
  resourceClaims: [{ name: 'd', resourceClaimName }],
});

const podOf = (name: string) => client.get(pods, { namespace, name });
const claimOf = (name: string) => client.get(resourceClaims, { namespace, name });

async function isReady(name: string): Promise<void> {
  await eventually(env, `${name} is ready`, async () => isPodReady(await podOf(name)));
}

/** Waits for the beginning of why the pod has no node: what no plugin of another kind adds. */
async function waitsFor(name: string, reason: string): Promise<void> {
  await eventually(env, `${name} waits: ${reason}`, async () =>
    podCondition(await podOf(name), 'PodScheduled')?.message?.startsWith(
      `0/1 nodes are available: ${reason}`,
    ),
  );
}

async function setTaints(name: string, taints: readonly DeviceTaint[]): Promise<void> {
  const devices = [{ name: '0', taints: [...taints] }];
  await client.patch(resourceSlices, { name }, 'merge', { spec: { devices } });
}

test('a pod – its class is missing, then created – waits, then runs', async () => {
  await publish('late');
  await createClaim('late');
  await createPod('late', withClaim('late'));
  await waitsFor('late', 'request req: device class late does not exist.');
  await createClass('late');
  await isReady('late');
});

test('a pod – its class selects no device, then all – waits, then runs', async () => {
  await publish('narrow');
  await createClass('narrow', { selectors: [{ cel: { expression: 'false' } }] });
  await createClaim('narrow');
  await createPod('narrow', withClaim('narrow'));
  await waitsFor('narrow', '1 cannot allocate all claims.');
  await client.patch(deviceClasses, { name: 'narrow' }, 'merge', { spec: { selectors: [] } });
  await isReady('narrow');
});

test('a claim of two pods – both run, and end one after the other – is deallocated with the last', async () => {
  await publish('shared');
  await createClass('shared');
  await createClaim('shared');
  for (const name of ['shared-a', 'shared-b']) await createPod(name, withClaim('shared'));
  for (const name of ['shared-a', 'shared-b']) await isReady(name);
  const consumers = async () => (await claimOf('shared')).status?.reservedFor?.map(({ name }) => name).sort();
  assert.deepEqual(await consumers(), ['shared-a', 'shared-b']);
  await client.delete(pods, { namespace, name: 'shared-a' }, { gracePeriodSeconds: 0 });
  await eventually(env, 'one consumer', async () => (await consumers())?.length === 1);
  assert.ok((await claimOf('shared')).status?.allocation);
  await client.delete(pods, { namespace, name: 'shared-b' }, { gracePeriodSeconds: 0 });
  await eventually(env, 'no finalizer', async () => !(await claimOf('shared')).metadata.finalizers);
  assert.equal((await claimOf('shared')).status?.allocation, undefined);
});

test('a pod with a claim from a template – succeeds – its claim is deleted, and the next pod runs', async () => {
  await publish('job');
  await createClass('job');
  await client.create(resourceClaimTemplates, {
    metadata: { name: 'job', namespace },
    spec: { spec: specFor('job') },
  });
  const podClaims = [{ name: 'd', resourceClaimTemplateName: 'job' }];
  const main = { resources: { claims: [{ name: 'd' }] } };
  const containers = [newContainer({ ...main, image: 'simulated/exit:0' })];
  await createPod('job', { containers, restartPolicy: 'Never', resourceClaims: podClaims });
  await eventually(env, 'job has succeeded', async () => (await podOf('job')).status?.phase === 'Succeeded');
  await eventually(env, 'its claim is gone', async () => {
    const { items } = await client.list(resourceClaims, { namespace });
    return !items.some(({ metadata }) => metadata.name.startsWith('job-'));
  });
  await createPod('next', { containers: [newContainer(main)], resourceClaims: podClaims });
  await isReady('next');
});

test('a device with a NoSchedule taint, then without – its pod waits, then runs', async () => {
  await publish('tainted', [{ name: '0', taints: [{ key: 'k', effect: 'NoSchedule' }] }]);
  await createClass('tainted');
  await createClaim('tainted');
  await createPod('tainted', withClaim('tainted'));
  await waitsFor('tainted', '1 cannot allocate all claims.');
  await setTaints('tainted', []);
  await isReady('tainted');
});

test('a device that gets a NoExecute taint – its pod is deleted', async () => {
  await publish('broken');
  await createClass('broken');
  await createClaim('broken');
  await createPod('broken', { ...withClaim('broken'), terminationGracePeriodSeconds: 0 });
  await isReady('broken');
  await setTaints('broken', [{ key: 'k', effect: 'NoExecute' }]);
  await eventually(env, 'no pod', async () => {
    const { items } = await client.list(pods, { namespace });
    return !items.some(({ metadata }) => metadata.name === 'broken');
  });
});

test('extended resources – one by its name, one by its class – come from devices, and are not overcommitted', async () => {
  await publish('named', [{ name: '0' }, { name: '1' }]);
  await createClass('named', { extendedResourceName: 'example.com/named' });
  await publish('implicit', [{ name: '0' }, { name: '1' }]);
  await createClass('implicit');
  const requests = { 'example.com/named': '1', 'deviceclass.resource.kubernetes.io/implicit': '2' };
  const containers = [newContainer({ resources: { requests, limits: requests } })];
  await createPod('both', { containers });
  await isReady('both');
  const mappings = (await podOf('both')).status?.extendedResourceClaimStatus?.requestMappings ?? [];
  assert.deepEqual(
    mappings.map(({ resourceName, requestName }) => `${resourceName} ${requestName}`),
    [
      'deviceclass.resource.kubernetes.io/implicit container-0-request-0',
      'example.com/named container-0-request-1',
    ],
  );
  await createPod('more', { containers });
  await waitsFor('more', '1 cannot allocate all claims.');
});

test('a claim that asks for alternatives – only the second can be had – gets it', async () => {
  await publish('choice', [{ name: '0', attributes: { size: { string: 'small' } } }]);
  await createClass('choice');
  const alternative = (name: string) => {
    const cel = { expression: `device.attributes["choice.example.com"].size == "${name}"` };
    return { name, deviceClassName: 'choice', selectors: [{ cel }] };
  };
  const firstAvailable = [alternative('large'), alternative('small')];
  const spec = { devices: { requests: [{ name: 'req', firstAvailable }] } };
  await client.create(resourceClaims, { metadata: { name: 'choice', namespace }, spec });
  await createPod('choice', withClaim('choice'));
  await isReady('choice');
  const { status } = await claimOf('choice');
  assert.deepEqual(
    status?.allocation?.devices?.results?.map(({ request }) => request),
    ['req/small'],
  );
});

test('a claim whose selector fails for a device – its pod – has the error in its condition', async () => {
  await publish('failing');
  await createClass('failing', {
    selectors: [{ cel: { expression: 'device.attributes["failing.example.com"].no' } }],
  });
  await createClaim('failing');
  await createPod('failing', withClaim('failing'));
  const text =
    'running "DynamicResources" filter plugin: class failing: selector #0: CEL runtime error: no such key: no';
  const condition = await eventually(env, 'the condition', async () => {
    const found = podCondition(await podOf('failing'), 'PodScheduled');
    return found?.message ? found : undefined;
  });
  assert.deepEqual([condition.reason, condition.message], ['SchedulerError', text]);
});
