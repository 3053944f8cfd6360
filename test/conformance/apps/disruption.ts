/** PodDisruptionBudgets: as objects, what their status counts, and that evictions obey them. */

import assert from 'node:assert/strict';
import { namespaces, podDisruptionBudgets, pods } from '#api/generated/kinds.gen.ts';
import type { Eviction, PodDisruptionBudget, PodDisruptionBudgetSpec } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { becomesReady } from '../common/running.ts';
import { ownNamespaces } from '../run-behaviour.ts';
import { change, isGone, type Labels, nginxPod, refusal } from '../shared/workloads.ts';

const guarded = { app: 'guarded' };

function create(
  { client, namespace }: BehaviourContext,
  name: string,
  spec: PodDisruptionBudgetSpec,
  labels: Labels = guarded,
): Promise<Stored<PodDisruptionBudget>> {
  return client.create(podDisruptionBudgets, {
    metadata: { name, namespace, labels },
    spec: { selector: { matchLabels: guarded }, ...spec },
  });
}

async function startPods(context: BehaviourContext, names: readonly string[]): Promise<void> {
  const { client, namespace } = context;
  for (const name of names) {
    await client.create(pods, { metadata: { name, namespace, labels: guarded }, spec: nginxPod() });
  }
  for (const name of names) await becomesReady(context, name);
}

/** The controller has seen the newest generation; `test` judges its status. */
async function counted(
  context: BehaviourContext,
  name: string,
  test: (status: NonNullable<PodDisruptionBudget['status']>) => boolean = () => true,
): Promise<void> {
  const key = { namespace: context.namespace, name };
  await context.eventually(`the status of budget ${name} is up to date`, async () => {
    const { metadata, status } = await context.client.get(podDisruptionBudgets, key);
    const reported = JSON.stringify(status);
    assert.ok((status?.observedGeneration ?? 0) >= (metadata.generation ?? 0), reported);
    assert.ok(test(status!), reported);
    return true;
  });
}

function evict({ client, namespace }: BehaviourContext, name: string): Promise<unknown> {
  const eviction: Eviction = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace },
  };
  return client.createSubresource(pods, { namespace, name }, 'eviction', eviction);
}

/** Refused because of a disruption budget alone, which a client can tell from other refusals. */
async function isBlocked(context: BehaviourContext, name: string): Promise<void> {
  const { code, status, message } = await refusal(evict(context, name));
  assert.equal(code, 429, message);
  assert.deepEqual(
    status.details?.causes?.map(({ reason }) => reason),
    ['DisruptionBudget'],
  );
}

/** Sent until the budget that is not counted again yet lets it through. */
async function isEvicted(context: BehaviourContext, name: string): Promise<void> {
  const { client, namespace } = context;
  await context.eventually(`pod ${name} may be evicted`, () => evict(context, name));
  await context.eventually(`pod ${name} is gone`, () => isGone(client, pods, { namespace, name }));
}

async function lifecycle(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'lifecycle' };
  const made = await create(context, key.name, { minAvailable: '1%' });
  assert.equal(made.spec?.minAvailable, '1%');
  await counted(context, key.name);
  await change(client, podDisruptionBudgets, key, ({ spec }) => {
    spec!.minAvailable = '2%';
  });
  await counted(context, key.name);
  const patched = await client.patch(podDisruptionBudgets, key, 'merge', { spec: { minAvailable: '3%' } });
  assert.equal(patched.spec?.minAvailable, '3%');
  assert.equal(patched.metadata.generation, 3);
  await counted(context, key.name);
  await client.delete(podDisruptionBudgets, key);
  await context.eventually('the budget is gone', () => isGone(client, podDisruptionBudgets, key));
}

async function statusIsCounted(context: BehaviourContext): Promise<void> {
  await create(context, 'counted', { minAvailable: 1 });
  await counted(context, 'counted', ({ disruptionsAllowed }) => disruptionsAllowed === 0);
  await startPods(context, ['one', 'two', 'three']);
  await counted(
    context,
    'counted',
    ({ currentHealthy, desiredHealthy, expectedPods, disruptionsAllowed }) =>
      currentHealthy === 3 && desiredHealthy === 1 && expectedPods === 3 && disruptionsAllowed === 2,
  );
}

async function statusIsWritten(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'written' };
  await create(context, key.name, { minAvailable: 1 });
  // The controller forgets disrupted pods that do not exist.
  await startPods(context, ['disrupted']);
  await counted(context, key.name, ({ currentHealthy }) => currentHealthy === 1);
  const disruptedPods = { disrupted: new Date().toISOString().replace(/\.\d+/, '') };
  const write = (budget: PodDisruptionBudget) => {
    budget.status = { ...budget.status!, disruptedPods };
  };
  await change(client, podDisruptionBudgets, key, write, 'status');
  const read = await client.get(podDisruptionBudgets, key, 'status');
  assert.deepEqual(read.status?.disruptedPods, disruptedPods);
  const patch = { status: { disruptedPods: null } };
  const patched = await client.patch(podDisruptionBudgets, key, 'merge', patch, { subresource: 'status' });
  assert.deepEqual(patched.status?.disruptedPods ?? {}, {});
}

async function collection(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const mark = { collection: namespace };
  const labelSelector = `collection=${namespace}`;
  const elsewhere = { ...context, namespace: `${namespace}-other` };
  const [key, value] = ownNamespaces.split('=') as [string, string];
  await client.create(namespaces, { metadata: { name: elsewhere.namespace, labels: { [key]: value } } });
  context.after(() => client.delete(namespaces, { name: elsewhere.namespace }));
  for (const [place, name] of [
    [context, 'one'],
    [context, 'two'],
    [elsewhere, 'three'],
  ] as const) {
    await create(place, name, { minAvailable: 1 }, mark);
    await counted(place, name);
  }
  const listed = async (options: { namespace?: string }) => {
    const { items } = await client.list(podDisruptionBudgets, { ...options, labelSelector });
    return items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort();
  };
  const here = [`${namespace}/one`, `${namespace}/two`];
  const there = [`${elsewhere.namespace}/three`];
  assert.deepEqual(await listed({}), [...there, ...here]);
  assert.deepEqual(await listed({ namespace }), here);
  await client.deleteCollection(podDisruptionBudgets, { namespace, labelSelector });
  await context.eventually('the collection is gone', async () => {
    assert.deepEqual(await listed({ namespace }), []);
    return true;
  });
  assert.deepEqual(await listed({}), there, 'those of another namespace stay');
}

async function blocksEvictions(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'blocking' };
  await create(context, key.name, { minAvailable: 3 });
  await startPods(context, ['one', 'two', 'three']);
  await counted(context, key.name, ({ currentHealthy }) => currentHealthy === 3);
  await isBlocked(context, 'one');
  await change(client, podDisruptionBudgets, key, ({ spec }) => {
    spec!.minAvailable = 2;
  });
  await isEvicted(context, 'one');

  await startPods(context, ['four']);
  await client.patch(podDisruptionBudgets, key, 'merge', { spec: { minAvailable: 3 } });
  await counted(context, key.name, ({ currentHealthy, disruptionsAllowed }) => {
    return currentHealthy === 3 && disruptionsAllowed === 0;
  });
  await isBlocked(context, 'two');
  await client.delete(podDisruptionBudgets, key);
  await isEvicted(context, 'two');
}

const title = '[sig-apps] DisruptionController';

export const disruption: readonly Behaviour[] = [
  behaviour(`${title} should create a PodDisruptionBudget [Conformance]`, lifecycle),
  behaviour(`${title} should observe PodDisruptionBudget status updated [Conformance]`, statusIsCounted),
  behaviour(`${title} should update/patch PodDisruptionBudget status [Conformance]`, statusIsWritten),
  behaviour(
    `${title} Listing PodDisruptionBudgets for all namespaces should list and delete a collection of PodDisruptionBudgets [Conformance]`,
    collection,
  ),
  behaviour(
    `${title} should block an eviction until the PDB is updated to allow it [Conformance]`,
    blocksEvictions,
  ),
];
