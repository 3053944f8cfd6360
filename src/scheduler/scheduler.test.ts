/** The scheduler against a real API server: bindings, events, conditions, and pods that are tried again. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { readSchedulerConfiguration } from '#api/configuration/scheduler/scheduler-configuration.ts';
import { events, namespaces, nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Metric } from '#base/metrics/metric.ts';
import { createInformers } from '#client/informers/informers.ts';
import { eventually } from '#testing/client-suite.ts';
import { ScheduledCluster } from '#testing/scheduled-cluster.ts';
import { makePod } from '#testing/scheduling/objects.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import type { JsonObject } from '#wire/json/value.ts';
import { SchedulerMetrics } from './metrics/scheduler-metrics.ts';
import { startScheduler } from './scheduler.ts';

const namespace = 'default';

function withScheduler(
  title: string,
  body: (cluster: ScheduledCluster, readings: () => readonly string[]) => Promise<void>,
  section: JsonObject = {},
): void {
  test(title, async () => {
    await using api = await startTestServer();
    const { env, client } = api;
    const informers = createInformers(client, env);
    await client.create(namespaces, { metadata: { name: namespace } });
    const metrics = new SchedulerMetrics();
    const scheduler = startScheduler({
      env,
      client,
      informers,
      metrics,
      configuration: readSchedulerConfiguration(section),
    });
    try {
      await body(new ScheduledCluster(env, client), () => metrics.metrics.flatMap(printed));
    } finally {
      scheduler.stop();
      informers.stop();
    }
  });
}

/** `name|label values|value`, without the profile; of a histogram the number of observations. */
function printed(metric: Metric): string[] {
  return [...metric.readings()].map(([{ profile: _, ...labels }, value]) => {
    const number = typeof value === 'number' ? value : value.counts.reduce((sum, count) => sum + count, 0);
    return `${metric.name.replace('scheduler_', '')}|${Object.values(labels).join()}|${number}`;
  });
}

withScheduler(
  'pods – scheduled, preempted for, kept waiting – are counted under the names of upstream',
  async (cluster, readings) => {
    await cluster.node({ name: 'a', cpu: '2' });
    await cluster.pod({ name: 'lesser', cpu: '2' }, { terminationGracePeriodSeconds: 0 });
    await cluster.bound('lesser');
    await cluster.pod({ name: 'waiting', cpu: '2' });
    await cluster.unschedulable('waiting');
    const waiting = readings();
    for (const reading of [
      'schedule_attempts_total|scheduled|1',
      'schedule_attempts_total|unschedulable|1',
      'scheduling_attempt_duration_seconds|scheduled|1',
      'scheduling_algorithm_duration_seconds||1',
      'pod_scheduling_attempts||1',
      'pod_scheduling_sli_duration_seconds|1|1',
      'pending_pods|active|0',
      'pending_pods|unschedulable|1',
      'unschedulable_pods|NodeResourcesFit|1',
      'cache_size|nodes|1',
      'cache_size|pods|1',
      'preemption_attempts_total||1',
      'queue_incoming_pods_total|active,UnschedulablePodAdd|2',
      'queue_incoming_pods_total|unschedulable,ScheduleAttemptFailure|1',
      'framework_extension_point_duration_seconds|Filter,Success|2',
      'framework_extension_point_duration_seconds|PostFilter,Unschedulable|1',
      'framework_extension_point_duration_seconds|Bind,Success|1',
    ]) {
      assert.ok(waiting.includes(reading), `${reading} in\n${waiting.join('\n')}`);
    }
    await cluster.pod({ name: 'urgent', cpu: '2', priority: 100 });
    assert.equal(await cluster.bound('urgent'), 'a');
    const preempted = readings();
    assert.ok(preempted.includes('preemption_victims||1'), preempted.join('\n'));
    assert.ok(preempted.includes('pod_scheduling_sli_duration_seconds|2|1'), preempted.join('\n'));
  },
);

withScheduler('a pod – bound – has an event that says so', async (cluster) => {
  await cluster.node({ name: 'a' });
  await cluster.pod({ name: 'one', cpu: '1' });
  assert.equal(await cluster.bound('one'), 'a');
  assert.equal(
    await cluster.event('one', 'Scheduled'),
    'Normal default-scheduler: Successfully assigned default/one to a',
  );
});

withScheduler('a pod without a fitting node waits for the label it needs', async (cluster) => {
  await cluster.pod({ name: 'lonely' });
  assert.equal(await cluster.unschedulable('lonely'), 'no nodes available to schedule pods');
  await cluster.node({ name: 'a' });
  assert.equal(await cluster.bound('lonely'), 'a');
  await cluster.pod({ name: 'picky', nodeSelector: { disktype: 'ssd' } });
  const why = await cluster.unschedulable('picky');
  assert.match(why, /^0\/1 nodes are available: 1 node\(s\) didn't match Pod's node affinity\/selector\. /);
  assert.equal(await cluster.event('picky', 'FailedScheduling'), `Warning default-scheduler: ${why}`);
  await cluster.client.patch(nodes, { name: 'a' }, 'merge', { metadata: { labels: { disktype: 'ssd' } } });
  assert.equal(await cluster.bound('picky'), 'a');
});

withScheduler('room comes back when a pod goes, and never is given twice', async (cluster) => {
  await cluster.node({ name: 'a', cpu: '2' });
  await cluster.pod({ name: 'big', cpu: '2' });
  await cluster.bound('big');
  await cluster.pod({ name: 'next', cpu: '2' });
  assert.match(await cluster.unschedulable('next'), /1 Insufficient cpu/);
  await cluster.client.delete(pods, { namespace, name: 'big' }, { gracePeriodSeconds: 0 });
  assert.equal(await cluster.bound('next'), 'a');
  for (let i = 0; i < 5; i++) await cluster.pod({ name: `late-${i}`, cpu: '1' });
  assert.match(await cluster.unschedulable('late-4'), /Insufficient cpu/);
});

withScheduler('gates keep a pod out until they are gone', async (cluster) => {
  await cluster.node({ name: 'a' });
  await cluster.pod({ name: 'gated' }, { schedulingGates: [{ name: 'example.com/wait' }] });
  await cluster.pod({ name: 'after' });
  await cluster.bound('after');
  const gated = await cluster.get('gated');
  assert.equal(gated.spec?.nodeName, undefined);
  await cluster.client.update(pods, { ...gated, spec: { ...gated.spec!, schedulingGates: [] } });
  assert.equal(await cluster.bound('gated'), 'a');
});

withScheduler('a more important pod takes the place of a lesser one', async (cluster) => {
  await cluster.node({ name: 'a', cpu: '2' });
  await cluster.pod({ name: 'lesser', cpu: '2' }, { terminationGracePeriodSeconds: 0 });
  await cluster.bound('lesser');
  await cluster.pod({ name: 'urgent', cpu: '2', priority: 100 });
  await cluster.event('lesser', 'Preempted');
  assert.equal(await cluster.bound('urgent'), 'a');
});

withScheduler('a preemptor waits for its victims and takes no others', async (cluster) => {
  for (const name of ['a', 'b']) {
    await cluster.node({ name, cpu: '2' });
    // No kubelet ends these pods: they stay terminating.
    for (const i of [1, 2]) await cluster.pod({ name: `lesser-${name}-${i}`, cpu: '1' });
  }
  for (const name of ['a-1', 'a-2', 'b-1', 'b-2']) await cluster.bound(`lesser-${name}`);
  await cluster.pod({ name: 'urgent', cpu: '2', priority: 100 });
  const promised = await eventually(
    cluster.env,
    'a promise',
    async () => (await cluster.get('urgent')).status?.nominatedNodeName,
  );
  const labels = { tried: 'again' };
  await cluster.client.patch(pods, { namespace, name: 'urgent' }, 'merge', { metadata: { labels } });
  await eventually(cluster.env, 'the next try', async () => {
    const { items } = await cluster.client.list(events, { namespace });
    return items.find(({ message }) => message?.endsWith('a terminating pod on the nominated node.'));
  });
  const { items } = await cluster.client.list(pods, { namespace });
  const going = items.filter((pod) => pod.metadata.deletionTimestamp).map((pod) => pod.metadata.name);
  assert.equal(going.length, 2);
  for (const name of going) {
    assert.equal((await cluster.get(name)).spec?.nodeName, promised);
    await cluster.client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0 });
  }
  assert.equal(await cluster.bound('urgent'), promised);
  assert.equal((await cluster.get('urgent')).status?.nominatedNodeName, undefined, 'kept, and so forgotten');
});

withScheduler(
  'a node grows under a lesser pod – a waiting pod of higher priority – preempts',
  async (cluster) => {
    await cluster.node({ name: 'a', cpu: '1' });
    await cluster.pod({ name: 'lesser', cpu: '1' }, { terminationGracePeriodSeconds: 0 });
    await cluster.bound('lesser');
    await cluster.pod({ name: 'urgent', cpu: '2', priority: 100 });
    assert.match(await cluster.unschedulable('urgent'), /1 Preemption is not helpful for scheduling\.$/);
    const status = { allocatable: { cpu: '2' } };
    await cluster.client.patch(nodes, { name: 'a' }, 'merge', { status }, { subresource: 'status' });
    assert.equal(await cluster.bound('urgent'), 'a');
  },
);

withScheduler(
  'the node of an empty zone is deleted – a pod spread over zones – is bound',
  async (cluster) => {
    await cluster.node({ name: 'a', labels: { zone: 'z1' } });
    await cluster.node({ name: 'b', labels: { zone: 'z2' }, unschedulable: true });
    const spread = [
      {
        topologyKey: 'zone',
        maxSkew: 1,
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { app: 'web' } },
      },
    ];
    const web = (name: string) => cluster.pod({ name, labels: { app: 'web' }, spread });
    await web('first');
    assert.equal(await cluster.bound('first'), 'a');
    await web('second');
    assert.match(
      await cluster.unschedulable('second'),
      /1 node\(s\) didn't match pod topology spread constraints/,
    );
    await cluster.client.delete(nodes, { name: 'b' });
    assert.equal(await cluster.bound('second'), 'a');
  },
);

withScheduler('pods of other schedulers are left alone', async (cluster) => {
  await cluster.node({ name: 'a' });
  await cluster.pod({ name: 'foreign' }, { schedulerName: 'mine' });
  await cluster.pod({ name: 'own' });
  await cluster.bound('own');
  assert.equal((await cluster.get('foreign')).spec?.nodeName, undefined);
});

withScheduler(
  'pods of two profiles – one is scheduled, one waits – have events of their own scheduler',
  async (cluster, readings) => {
    await cluster.node({ name: 'a' });
    await cluster.pod({ name: 'own' });
    await cluster.pod({ name: 'other' }, { schedulerName: 'batch' });
    await cluster.pod({ name: 'large', cpu: '100' }, { schedulerName: 'batch' });
    await cluster.pod({ name: 'foreign' }, { schedulerName: 'mine' });
    for (const name of ['own', 'other']) assert.equal(await cluster.bound(name), 'a');
    const why = await cluster.unschedulable('large');
    assert.match(await cluster.event('own', 'Scheduled'), /^Normal default-scheduler: /);
    assert.match(await cluster.event('other', 'Scheduled'), /^Normal batch: /);
    assert.equal(await cluster.event('large', 'FailedScheduling'), `Warning batch: ${why}`);
    assert.equal((await cluster.get('foreign')).spec?.nodeName, undefined);
    assert.ok(readings().includes('unschedulable_pods|NodeResourcesFit|1'));
    await cluster.node({ name: 'b', cpu: '200' });
    assert.equal(await cluster.bound('large'), 'b');
  },
  { profiles: [{ schedulerName: 'default-scheduler' }, { schedulerName: 'batch' }] },
);

withScheduler('nothing is bound into a namespace that is being deleted', async (cluster) => {
  const { client } = cluster;
  await client.create(namespaces, { metadata: { name: 'going' }, spec: { finalizers: ['kubernetes'] } });
  const { spec } = makePod({ name: 'late' }).pod;
  await client.create(pods, { metadata: { name: 'late', namespace: 'going' }, spec: spec! });
  await client.delete(namespaces, { name: 'going' });
  await cluster.node({ name: 'node-1' });
  await cluster.pod({ name: 'other' });
  // This pod was queued later, by age: the one before it has been passed over.
  await cluster.bound('other');
  const late = await client.get(pods, { namespace: 'going', name: 'late' });
  assert.equal(late.spec?.nodeName, undefined);
});
