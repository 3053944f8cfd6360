import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  configMaps,
  events,
  horizontalPodAutoscalers,
  pods,
  replicationControllers,
  resourceQuotas,
} from '#api/generated/kinds.gen.ts';
import type { ResourceQuota } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { parseQuantity } from '#api/values/quantity.ts';
import { startControllers } from '#client/controllers/controller-runner.ts';
import { createInformers } from '#client/informers/informers.ts';
import { eventually } from '#testing/client-suite.ts';
import { quotaLookUps } from '#testing/objects/quota-look-ups.ts';
import { createDefaultAccount, startTestServer } from '#testing/server/test-server.ts';
import { servableWidget, widget, widgets } from '#testing/widgets.ts';
import { replicationController } from '../workloads/replica-set/replication-controller.ts';
import { customObjects } from './custom-counts.ts';
import { quotaStatus } from './quota-usage.ts';
import { planQuota, resourceQuota } from './resource-quota.ts';

const namespace = 'default';

test('a quota – objects come and go – its status follows', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { env, client } = api;
  await createDefaultAccount(client);
  const informers = createInformers(client, env);
  const controllers = startControllers([resourceQuota, replicationController], { env, client, informers });
  const used = (name: string, amount: string) =>
    eventually(env, `${amount} ${name}`, async () => {
      const { status } = await client.get(resourceQuotas, { namespace, name: 'q' });
      return status?.used?.[name] === amount || undefined;
    });
  try {
    const hard = { pods: '5', 'requests.cpu': '2', 'count/configmaps': '3' };
    await client.create(resourceQuotas, { metadata: { name: 'q', namespace }, spec: { hard } });
    await used('pods', '0');
    const labels = { app: 'web' };
    const container = { name: 'c', image: 'x', resources: { requests: { cpu: '250m' } } };
    const template = { metadata: { labels }, spec: { containers: [container] } };
    const spec = { replicas: 3, selector: labels, template };
    await client.create(replicationControllers, { metadata: { name: 'rc', namespace }, spec });
    await used('pods', '3');
    await used('requests.cpu', '750m');
    await client.create(configMaps, { metadata: { name: 'm', namespace } });
    await used('count/configmaps', '1');
    await client.patch(replicationControllers, { namespace, name: 'rc' }, 'merge', { spec: { replicas: 1 } });
    await used('pods', '1');
    assert.equal((await client.list(pods, { namespace })).items.length, 1);
    const { status } = await client.get(resourceQuotas, { namespace, name: 'q' });
    assert.deepEqual(status?.hard, hard);
  } finally {
    await controllers.stop();
    informers.stop();
  }
});

const quota = (used: Record<string, string>) =>
  ({
    metadata: { name: 'q', namespace, uid: 'u', resourceVersion: '1', creationTimestamp: '' },
    status: { hard: { pods: '5' }, used },
  }) as Stored<ResourceQuota>;
const plans: [string, string, string, number, number, string | undefined, number][] = [
  ['the count is what is reserved', '3', '3', 0, 0, undefined, 300_000],
  ['fewer are counted, nothing was reserved for a second', '3', '2', 0, -1, '2', 300_000],
  ['fewer are counted, a moment after a reservation', '3', '2', 0, 400, undefined, 400],
  ['fewer are counted, a moment after a reservation and a deletion', '5', '2', 1, 400, '4', 400],
  ['more was freed than the count is lower', '5', '4', 3, 400, '4', 300_000],
  ['more are counted, a moment after a reservation', '3', '4', 0, 400, '4', 300_000],
];
for (const [name, reserved, counted, freed, unsettledMs, written, againInMs] of plans) {
  test(`${name} – ${written === undefined ? 'the status stays' : `the status says ${written}`}`, () => {
    const plan = planQuota(
      quota({ pods: reserved }),
      { hard: { pods: '5' }, used: { pods: counted } },
      unsettledMs,
      new Map([['pods', parseQuantity(String(freed))]]),
    );
    const [action] = plan.actions;
    const status = action?.do === 'updateStatus' ? (action.object as ResourceQuota).status : undefined;
    assert.equal(status?.used?.['pods'], written);
    assert.equal(plan.againInMs, againInMs);
  });
}

test('a quota on a kind that is served in two versions – its object is counted once', async (t) => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { env, client } = api;
  const informers = createInformers(client, env);
  const controllers = startControllers([resourceQuota], { env, client, informers });
  t.after(async () => {
    await controllers.stop();
    informers.stop();
  });
  const name = 'count/horizontalpodautoscalers.autoscaling';
  const spec = { maxReplicas: 2, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' } };
  await client.create(horizontalPodAutoscalers, { metadata: { name: 'a', namespace }, spec });
  await client.create(resourceQuotas, {
    metadata: { name: 'q', namespace },
    spec: { hard: { [name]: '5' } },
  });
  const used = await eventually(env, 'a count', async () => {
    const { status } = await client.get(resourceQuotas, { namespace, name: 'q' });
    return status?.used?.[name];
  });
  assert.equal(used, '1');
});

test('a quota on what no quota counts – its status does not count it, and creating goes on', async (t) => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { env, client } = api;
  const informers = createInformers(client, env);
  const controllers = startControllers([resourceQuota], { env, client, informers });
  t.after(async () => {
    await controllers.stop();
    informers.stop();
  });
  const spec = { hard: { 'count/events': '0', 'count/configmaps': '5' } };
  await client.create(resourceQuotas, { metadata: { name: 'q', namespace }, spec });
  const status = await eventually(env, 'a count', async () => {
    const quota = await client.get(resourceQuotas, { namespace, name: 'q' });
    return quota.status?.used && quota.status;
  });
  assert.deepEqual([status?.hard, Object.keys(status?.used ?? {})], [spec.hard, ['count/configmaps']]);
  const event = { metadata: { name: 'e', namespace }, involvedObject: { namespace } };
  assert.equal((await client.create(events, event)).metadata.name, 'e');
});

test('a quota on a custom resource – counts it while it is served, and nothing when it is not', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client, server } = api;
  const hard = { 'count/widgets.example.com': '2' };
  const named = { metadata: { name: 'q', namespace }, spec: { hard } };
  const stored = await client.create(resourceQuotas, named);
  const measure = { nowMs: 0, lookUps: quotaLookUps() };
  const count = async () => quotaStatus(stored, (await customObjects(client, stored)).counted, measure).used;
  assert.deepEqual(await count(), { 'count/widgets.example.com': '0' });
  await server.resources.add(servableWidget());
  await client.create(widgets, widget('a'));
  assert.deepEqual(await count(), { 'count/widgets.example.com': '1' });
  await server.resources.remove(widgets);
  assert.deepEqual(await count(), { 'count/widgets.example.com': '0' });
  assert.equal(planQuota(stored, { hard, used: { 'count/widgets.example.com': '0' } }, 0).againInMs, 30_000);
});
