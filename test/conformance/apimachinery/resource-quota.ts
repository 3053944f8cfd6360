/** ResourceQuotas: what they count through an object's life, by scope, and how they are changed. */

import assert from 'node:assert/strict';
import {
  configMaps,
  pods,
  replicaSets,
  replicationControllers,
  resourceQuotas,
  secrets,
  services,
} from '#api/generated/kinds.gen.ts';
import type { PodSpec, ResourceQuotaSpec } from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { change, isGone, nginxPod, refusal, template } from '../shared/workloads.ts';

type Amounts = Record<string, string>;

function create({ client, namespace }: BehaviourContext, name: string, spec: ResourceQuotaSpec) {
  return client.create(resourceQuotas, { metadata: { name, namespace, labels: { quota: name } }, spec });
}

/** The status reports this usage of the spec's limits. */
function uses(context: BehaviourContext, name: string, expected: Amounts): Promise<unknown> {
  const { client, namespace } = context;
  return context.eventually(`quota ${name} counts ${JSON.stringify(expected)}`, async () => {
    const { spec, status } = await client.get(resourceQuotas, { namespace, name });
    assert.deepEqual(status?.hard, spec?.hard);
    for (const [key, amount] of Object.entries(expected)) assert.equal(status?.used?.[key], amount, key);
    return true;
  });
}

/** Counted while it is there, and no longer. */
function life<T extends KubeObject>(
  type: ResourceType<T>,
  key: string,
  hard: Amounts,
  object: Omit<T, 'metadata'>,
) {
  return async (context: BehaviourContext): Promise<void> => {
    const { client, namespace } = context;
    await create(context, 'counting', { hard });
    // Some are there from the start: the ConfigMap of the root CA.
    const before = (await client.list(type, { namespace })).items.length;
    await uses(context, 'counting', { [key]: String(before) });
    await client.create(type, { ...object, metadata: { name: 'counted', namespace } } as unknown as T);
    await uses(context, 'counting', { [key]: String(before + 1) });
    await client.delete(type, { namespace, name: 'counted' });
    await uses(context, 'counting', { [key]: String(before) });
  };
}

function podWith(requests: Amounts, limits: Amounts = {}, more: Partial<PodSpec> = {}): PodSpec {
  const { containers, ...rest } = nginxPod();
  return { ...rest, ...more, containers: [{ ...containers[0]!, resources: { requests, limits } }] };
}

async function podLife(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const hard = { pods: '5', cpu: '1', memory: '500Mi', 'ephemeral-storage': '50Gi' };
  await create(context, 'counting', { hard });
  await uses(context, 'counting', { pods: '0', cpu: '0' });
  const key = { namespace, name: 'counted' };
  const requests = { cpu: '500m', memory: '252Mi', 'ephemeral-storage': '30Gi' };
  await client.create(pods, { metadata: key, spec: podWith(requests) });
  await uses(context, 'counting', { pods: '1', ...requests });
  const refused = (spec: PodSpec) =>
    refusal(client.create(pods, { metadata: { namespace, name: 'refused' }, spec }));
  const tooMuch = await refused(podWith({ cpu: '600m', memory: '100Mi', 'ephemeral-storage': '1Gi' }));
  assert.equal(tooMuch.code, 403);
  assert.match(
    tooMuch.message,
    /exceeded quota: counting, requested: cpu=600m, used: cpu=500m, limited: cpu=1/,
  );
  assert.equal((await refused(nginxPod())).code, 403, 'it has to say what it wants');
  const resized = await refusal(
    change(client, pods, key, ({ spec }) => {
      spec!.containers[0]!.resources!.requests!['cpu'] = '100m';
    }),
  );
  assert.equal(resized.code, 422);
  await client.delete(pods, key);
  await uses(context, 'counting', { pods: '0', cpu: '0', memory: '0', 'ephemeral-storage': '0' });
}

/** Two pods, each of which counts in one of two quotas only. */
function scopes(names: [string, string], first: PodSpec, second: PodSpec, hard: Amounts) {
  return async (context: BehaviourContext): Promise<void> => {
    const { client, namespace } = context;
    const quotaOf = (scope: string) => scope.toLowerCase();
    for (const scope of names) {
      await create(context, quotaOf(scope), {
        hard: { pods: hard['pods']!, ...(scope === 'BestEffort' ? {} : hard) },
        scopes: [scope],
      });
    }
    for (const [index, spec] of [first, second].entries()) {
      const [counts, ignores] = index === 0 ? names : [...names].reverse();
      await uses(context, quotaOf(counts!), { pods: '0' });
      await client.create(pods, { metadata: { namespace, name: 'counted' }, spec });
      await uses(context, quotaOf(counts!), { pods: '1' });
      await uses(context, quotaOf(ignores!), { pods: '0' });
      await client.delete(pods, { namespace, name: 'counted' });
      await uses(context, quotaOf(counts!), { pods: '0' });
      await context.eventually('the pod is gone', () => isGone(client, pods, { namespace, name: 'counted' }));
    }
  };
}

const someRequests = { cpu: '100m', memory: '20Mi' };
const someLimits = { cpu: '500m', memory: '200Mi' };
const demanding = podWith(someRequests, someLimits);
const plentiful = {
  pods: '5',
  'requests.cpu': '1',
  'requests.memory': '500Mi',
  'limits.cpu': '2',
  'limits.memory': '1Gi',
};

async function promptStatus(context: BehaviourContext): Promise<void> {
  const hard = { pods: '5', services: '2', secrets: '10', configmaps: '10' };
  await create(context, 'prompt', { hard });
  await uses(context, 'prompt', { pods: '0', services: '0', secrets: '0' });
}

async function updateAndDelete(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'changing' };
  await create(context, key.name, { hard: { cpu: '1', memory: '500Mi' } });
  assert.deepEqual((await client.get(resourceQuotas, key)).spec?.hard, { cpu: '1', memory: '500Mi' });
  const updated = await change(client, resourceQuotas, key, ({ spec }) => {
    spec!.hard = { cpu: '2', memory: '1Gi' };
  });
  assert.deepEqual(updated.spec?.hard, { cpu: '2', memory: '1Gi' });
  assert.deepEqual((await client.get(resourceQuotas, key)).spec?.hard, { cpu: '2', memory: '1Gi' });
  await client.delete(resourceQuotas, key);
  assert.ok(await isGone(client, resourceQuotas, key));
}

async function lifecycle(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: `all-${namespace}` };
  const labelSelector = `quota=${key.name}`;
  await create(context, key.name, { hard: { cpu: '1', memory: '500Mi' } });
  assert.equal((await client.list(resourceQuotas, { labelSelector })).items.length, 1);
  const patch = { metadata: { labels: { patched: 'yes' } }, spec: { hard: { memory: '750Mi' } } };
  const patched = await client.patch(resourceQuotas, key, 'strategic', patch);
  assert.equal(patched.metadata.labels?.patched, 'yes');
  assert.deepEqual(patched.spec?.hard, { cpu: '1', memory: '750Mi' });
  await client.deleteCollection(resourceQuotas, { namespace, labelSelector });
  assert.equal((await client.list(resourceQuotas, { labelSelector })).items.length, 0);
}

async function status(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'status' };
  await create(context, key.name, { hard: { cpu: '500m', memory: '500Mi' } });
  await uses(context, key.name, { cpu: '0', memory: '0' });
  const hard = { cpu: '1', memory: '1Gi' };
  const updated = await change(
    client,
    resourceQuotas,
    key,
    (object) => {
      object.status = { ...object.status, hard };
    },
    'status',
  );
  assert.deepEqual(updated.status?.hard, hard);
  await client.patch(resourceQuotas, key, 'merge', { spec: { hard } });
  await uses(context, key.name, { cpu: '0' });
  assert.deepEqual((await client.get(resourceQuotas, key, 'status')).status?.hard, hard);
  const more = { status: { hard: { cpu: '2', memory: '2Gi' } }, spec: { hard: { cpu: '7' } } };
  const patched = await client.patch(resourceQuotas, key, 'merge', more, { subresource: 'status' });
  assert.deepEqual(patched.status?.hard, more.status.hard);
  assert.deepEqual((await client.get(resourceQuotas, key)).spec?.hard, hard, 'the spec is not of the status');
}

const labels = { counted: 'yes' };
const title = '[sig-api-machinery] ResourceQuota should';

export const resourceQuota: readonly Behaviour[] = [
  behaviour(
    `${title} create a ResourceQuota and ensure its status is promptly calculated. [Conformance]`,
    promptStatus,
  ),
  behaviour(
    `${title} create a ResourceQuota and capture the life of a configMap. [Conformance]`,
    life(configMaps, 'configmaps', { configmaps: '5' }, { data: { a: 'b' } }),
  ),
  behaviour(
    `${title} create a ResourceQuota and capture the life of a secret. [Conformance]`,
    life(secrets, 'secrets', { secrets: '5' }, { stringData: { a: 'b' } }),
  ),
  behaviour(
    `${title} create a ResourceQuota and capture the life of a service. [Conformance]`,
    life(services, 'services', { services: '5' }, { spec: { ports: [{ port: 80 }], selector: labels } }),
  ),
  behaviour(
    `${title} create a ResourceQuota and capture the life of a replica set. [Conformance]`,
    life(
      replicaSets,
      'count/replicasets.apps',
      { 'count/replicasets.apps': '5' },
      { spec: { replicas: 0, selector: { matchLabels: labels }, template: template(labels) } },
    ),
  ),
  behaviour(
    `${title} create a ResourceQuota and capture the life of a replication controller. [Conformance]`,
    life(
      replicationControllers,
      'replicationcontrollers',
      { replicationcontrollers: '5' },
      { spec: { replicas: 0, selector: labels, template: template(labels) } },
    ),
  ),
  behaviour(`${title} create a ResourceQuota and capture the life of a pod. [Conformance]`, podLife),
  behaviour(
    `${title} verify ResourceQuota with best effort scope. [Conformance]`,
    scopes(['BestEffort', 'NotBestEffort'], nginxPod(), demanding, plentiful),
  ),
  behaviour(
    `${title} verify ResourceQuota with terminating scopes. [Conformance]`,
    scopes(
      ['NotTerminating', 'Terminating'],
      demanding,
      podWith(someRequests, someLimits, { activeDeadlineSeconds: 3600 }),
      plentiful,
    ),
  ),
  behaviour(`${title} be able to update and delete ResourceQuota. [Conformance]`, updateAndDelete),
  behaviour(`${title} manage the lifecycle of a ResourceQuota [Conformance]`, lifecycle),
  behaviour(`${title} apply changes to a resourcequota status [Conformance]`, status),
];
