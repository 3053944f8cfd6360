/** Claims for devices in a cluster of simulated nodes: allocated for the pods that can run, waited for by the others. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  deviceClasses,
  events,
  pods,
  resourceClaims,
  resourceClaimTemplates,
  resourceSlices,
} from '#api/generated/kinds.gen.ts';
import { isPodReady } from '#api/pods/state.ts';
import type { Client } from '#client/client.ts';
import { systemEnv } from '#host/system-env.ts';
import { eventually } from '#testing/client-suite.ts';
import { storedDeviceClass, storedSlice } from '#testing/objects/devices.ts';
import { newPod } from '#testing/objects.ts';
import { startCluster } from './cluster.ts';

const namespace = 'default';
const env = systemEnv();

test('a cluster with one device – two pods with claims for it – run one after the other', async () => {
  await using cluster = await startCluster({ env, simulatedNodes: 2 });
  const { client } = cluster;
  await publish(client, 'simulated-1');
  await createPod(client, 'first');
  await isReady(client, 'first');
  await createPod(client, 'second');
  const message =
    '0/2 nodes are available: 2 cannot allocate all claims. still not schedulable, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.';
  await eventually(env, 'the event of the second pod', async () => {
    const { items } = await client.list(events, { namespace });
    return items.some((event) => event.involvedObject.name === 'second' && event.message === message);
  });
  await client.delete(pods, { namespace, name: 'first' }, { gracePeriodSeconds: 0 });
  await isReady(client, 'second');
  const claims = (await client.list(resourceClaims, { namespace })).items;
  const [claim] = claims.filter(({ metadata }) => metadata.name.startsWith('second-'));
  assert.deepEqual(claim?.status?.allocation?.devices?.results, [
    { request: 'req', driver: 'gpu.example.com', pool: 'simulated-1', device: '0' },
  ]);
  const { metadata } = await client.get(pods, { namespace, name: 'second' });
  assert.deepEqual(claim?.status?.reservedFor, [{ resource: 'pods', name: 'second', uid: metadata.uid }]);
});

test('a class that stands for an extended resource – a pod that requests it – runs with a claim made for it', async () => {
  await using cluster = await startCluster({ env, simulatedNodes: 2 });
  const { client } = cluster;
  await publish(client, 'simulated-1', 'example.com/gpu');
  const limits = { 'example.com/gpu': '1' };
  const containers = [{ name: 'c', image: 'i', resources: { limits, requests: limits } }];
  await client.create(pods, newPod('extended', { containers }));
  await isReady(client, 'extended');
  const { spec, status } = await client.get(pods, { namespace, name: 'extended' });
  assert.equal(spec?.nodeName, 'simulated-1');
  const name = status?.extendedResourceClaimStatus?.resourceClaimName ?? '';
  const claim = await client.get(resourceClaims, { namespace, name });
  assert.deepEqual(
    claim.status?.reservedFor?.map((consumer) => consumer.name),
    ['extended'],
  );
  await client.delete(pods, { namespace, name: 'extended' }, { gracePeriodSeconds: 0 });
  await eventually(
    env,
    'no claim',
    async () => (await client.list(resourceClaims, { namespace })).items.length === 0,
  );
});

/** One device on this node, its class, and a template of claims for it. */
async function publish(client: Client, node: string, extendedResourceName?: string): Promise<void> {
  const { spec } = storedDeviceClass('gpu');
  const classSpec = extendedResourceName === undefined ? spec : { ...spec, extendedResourceName };
  await client.create(deviceClasses, { metadata: { name: 'gpu' }, spec: classSpec });
  await client.create(resourceSlices, { metadata: { name: 'slice' }, spec: storedSlice(node, ['0']).spec });
  const requests = [{ name: 'req', exactly: { deviceClassName: 'gpu' } }];
  await client.create(resourceClaimTemplates, {
    metadata: { name: 'gpus', namespace },
    spec: { spec: { devices: { requests } } },
  });
}

async function createPod(client: Client, name: string): Promise<void> {
  const containers = [{ name: 'c', image: 'i', resources: { claims: [{ name: 'gpu' }] } }];
  const claims = [{ name: 'gpu', resourceClaimTemplateName: 'gpus' }];
  await client.create(pods, newPod(name, { containers, resourceClaims: claims }));
}

async function isReady(client: Client, name: string): Promise<void> {
  await eventually(env, `${name} is ready`, async () =>
    isPodReady(await client.get(pods, { namespace, name })),
  );
}
