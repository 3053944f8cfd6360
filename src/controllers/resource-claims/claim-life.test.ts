/** A claim's life with both controllers against an API server: from a template to the end of its pod. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimFinalizer, podClaimAnnotation } from '#api/devices/names.ts';
import { pods, resourceClaims, resourceClaimTemplates } from '#api/generated/kinds.gen.ts';
import type { Pod, ResourceV1ResourceClaim } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type ControlledCluster, withControllers } from '#testing/controllers/controlled-cluster.ts';
import { newPod } from '#testing/objects.ts';
import { ClaimMetrics } from './claim-metrics.ts';
import { claimRelease } from './claim-release.ts';
import { podClaims } from './pod-claims.ts';

const at = { namespace: 'default', name: 'p' };
const controllers = [podClaims(new ClaimMetrics()), claimRelease];
const template = {
  metadata: { name: 'gpus', namespace: 'default' },
  spec: { spec: { devices: { requests: [{ name: 'req', exactly: { deviceClassName: 'gpu' } }] } } },
};
const pod = newPod('p', {
  nodeName: 'n',
  containers: [{ name: 'c', image: 'i', resources: { claims: [{ name: 'gpu' }] } }],
  resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'gpus' }],
});
const results = [{ request: 'req', driver: 'd.example.com', pool: 'n', device: '0' }];

/** As a scheduler does. */
async function allocate(
  { client }: ControlledCluster,
  claim: Stored<ResourceV1ResourceClaim>,
): Promise<void> {
  const metadata = { ...claim.metadata, finalizers: [claimFinalizer] };
  const marked = await client.update(resourceClaims, { ...claim, metadata });
  await client.updateStatus(resourceClaims, { ...marked, status: { allocation: { devices: { results } } } });
}

async function claimOf({ client }: ControlledCluster): Promise<Stored<ResourceV1ResourceClaim> | undefined> {
  const { status }: Pod = await client.get(pods, at);
  const name = status?.resourceClaimStatuses?.[0]?.resourceClaimName;
  return name === undefined ? undefined : client.get(resourceClaims, { namespace: 'default', name });
}

test('a claim from a template – its pod has a node, and ends – is reserved, deallocated and deleted', () =>
  withControllers(
    controllers,
    async (cluster) => {
      const { client, eventually } = cluster;
      const claim = await eventually('a claim', () => claimOf(cluster));
      assert.match(claim.metadata.name, /^p-gpu-/);
      assert.equal(claim.metadata.annotations?.[podClaimAnnotation], 'gpu');
      await allocate(cluster, claim);
      const reservedFor = await eventually(
        'a consumer',
        async () => (await claimOf(cluster))?.status?.reservedFor,
      );
      const { metadata } = await client.get(pods, at);
      assert.deepEqual(reservedFor, [{ resource: 'pods', name: 'p', uid: metadata.uid }]);
      await client.patch(pods, at, 'merge', { status: { phase: 'Succeeded' } }, { subresource: 'status' });
      await eventually('no claim', async () => (await client.list(resourceClaims)).items.length === 0);
    },
    async ({ client }) => {
      await client.create(resourceClaimTemplates, template);
      await client.create(pods, pod);
    },
  ));

test('a shared claim – its only pod is deleted – it loses allocation and finalizer, and stays', () =>
  withControllers(controllers, async (cluster) => {
    const { client, eventually } = cluster;
    const key = { namespace: 'default', name: 'shared' };
    const resourceClaim = { name: 'gpu', resourceClaimName: 'shared' };
    await allocate(cluster, await client.create(resourceClaims, { metadata: key, spec: template.spec.spec }));
    await client.create(pods, {
      ...pod,
      spec: { ...pod.spec, containers: pod.spec?.containers ?? [], resourceClaims: [resourceClaim] },
    });
    const claim = () => client.get(resourceClaims, key);
    await eventually('a consumer', async () => (await claim()).status?.reservedFor);
    await client.delete(pods, at, { gracePeriodSeconds: 0 });
    await eventually('no finalizer', async () => !(await claim()).metadata.finalizers);
    assert.deepEqual((await claim()).status ?? {}, {});
  }));

test('a pod – its template is missing, then created – has an event, then a claim', () =>
  withControllers(controllers, async (cluster) => {
    const { client, eventually } = cluster;
    await client.create(pods, pod);
    const failure =
      'FailedResourceClaimCreation PodResourceClaim gpu: resource claim template "gpus": resourceclaimtemplate.resource.k8s.io "gpus" not found';
    await eventually('an event', async () => (await cluster.events()).includes(failure));
    await client.create(resourceClaimTemplates, template);
    await eventually('a claim', () => claimOf(cluster));
  }));
