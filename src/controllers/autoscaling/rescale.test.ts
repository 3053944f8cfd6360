import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployments, events, horizontalPodAutoscalers } from '#api/generated/kinds.gen.ts';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { special } from '#client/controllers/special.ts';
import { withControllers } from '#testing/controllers/controlled-cluster.ts';
import { carryOutOn } from '#testing/controllers/plans.ts';
import { type RescaleNotes, report, reportStep, rescaleStep } from './rescale.ts';
import type { Fields } from './sources/decode.ts';

const path = '/apis/apps/v1/namespaces/default/deployments/web/scale';
const labels = { app: 'web' };

interface Ready {
  readonly autoscaler: Stored<HorizontalPodAutoscaler>;
  readonly scale: Fields;
  /** Carries a scaling to five out, with this version of the scale. */
  rescale(scale: Fields): Promise<void>;
  readonly scaled: string[];
  readonly notes: RescaleNotes;
  status(): Promise<HorizontalPodAutoscalerStatus | undefined>;
  events(): Promise<string[]>;
}

type Cluster = Parameters<Parameters<typeof withControllers>[1]>[0];

const statusOf = (message: string, desiredReplicas: number) => ({
  currentReplicas: 2,
  desiredReplicas,
  conditions: [{ type: 'AbleToScale', status: 'True', reason: 'R', message }],
});

async function ready({ client, env, events: eventsOf }: Cluster): Promise<Ready> {
  const namespace = 'default';
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const spec = { replicas: 2, selector: { matchLabels: labels }, template };
  await client.create(deployments, { metadata: { name: 'web', namespace }, spec });
  const autoscaler = await client.create(horizontalPodAutoscalers, {
    metadata: { name: 'web', namespace },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 9 },
  });
  const scaled: string[] = [];
  const notes: RescaleNotes = {
    scaled: ({ metadata }, { from, to }) => scaled.push(`${metadata.name} ${from} ${to}`),
    failed: ({ metadata }) => scaled.push(`${metadata.name} failed`),
    reported: ({ metadata }, isWritten) =>
      scaled.push(`${metadata.name} ${isWritten ? 'reported' : 'not reported'}`),
  };
  const step = rescaleStep(env.clock, notes);
  const rescale = {
    from: 2,
    to: 5,
    reason: 'why',
    statusIfDone: statusOf('done', 5),
    statusIfFailed: statusOf('failed: ', 2),
  };
  return {
    autoscaler,
    scale: (await client.raw('GET', path)) as Fields,
    rescale: (scale) =>
      carryOutOn(
        client,
        env,
        [special(step, 'web', { autoscaler, path, scale, rescale })],
        [step, reportStep(notes)],
      ),
    scaled,
    notes,
    status: async () => (await client.get(horizontalPodAutoscalers, { namespace, name: 'web' })).status,
    events: eventsOf,
  };
}

const conditionText = (status: HorizontalPodAutoscalerStatus | undefined) => status?.conditions?.[0]?.message;

test('a scale – that changed since it was read – is read again and written', async () => {
  await withControllers([], async (cluster) => {
    const { scale, rescale, scaled, status, events: eventsOf } = await ready(cluster);
    const key = { namespace: 'default', name: 'web' };
    await cluster.client.patch(deployments, key, 'merge', { metadata: { labels: { changed: 'true' } } });
    let isDone = false;
    const done = rescale(scale).then(() => {
      isDone = true;
    });
    await cluster.eventually('written', async () => isDone);
    await done;
    assert.equal((await cluster.client.get(deployments, key)).spec?.replicas, 5);
    assert.deepEqual([scaled, conditionText(await status())], [['web 2 5', 'web reported'], 'done']);
    assert.deepEqual(await eventsOf(), ['SuccessfulRescale New size: 5; reason: why']);
  });
});

test('a scale – whose target is gone – is reported as not written, and not remembered', async () => {
  await withControllers([], async (cluster) => {
    const { scale, rescale, scaled, status, events: eventsOf } = await ready(cluster);
    await cluster.client.delete(deployments, { namespace: 'default', name: 'web' });
    await rescale(scale);
    const error = 'deployments.apps "web" not found';
    assert.deepEqual(
      [scaled, conditionText(await status())],
      [['web failed', 'web reported'], `failed: ${error}`],
    );
    assert.deepEqual(await eventsOf(), [`FailedRescale New size: 5; reason: why; error: ${error}`]);
  });
});

test('a status – of an autoscaler that changed since it was read – is an event, and not written', async () => {
  await withControllers([], async (cluster) => {
    const { autoscaler, status, notes, scaled } = await ready(cluster);
    const { client, env } = cluster;
    const key = { namespace: 'default', name: 'web' };
    await client.patch(horizontalPodAutoscalers, key, 'merge', { spec: { maxReplicas: 8 } });
    await carryOutOn(client, env, report(notes, autoscaler, statusOf('late', 2)), [reportStep(notes)]);
    assert.deepEqual(scaled, ['web not reported']);
    assert.equal(conditionText(await status()), undefined);
    const { items } = await client.list(events, { namespace: 'default' });
    assert.deepEqual(
      items.map(({ reason, type }) => `${type} ${reason}`),
      ['Warning FailedUpdateStatus'],
    );
    assert.match(items[0]?.message ?? '', /the object has been modified/);
  });
});

test('a status – that is reported already – is not written', async () => {
  await withControllers([], async (cluster) => {
    const { autoscaler, notes, scaled } = await ready(cluster);
    const status = statusOf('same', 2);
    assert.deepEqual(report(notes, { ...autoscaler, status }, { ...status, currentMetrics: [] }), []);
    assert.deepEqual(scaled, ['web reported']);
  });
});
