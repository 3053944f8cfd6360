/** Pods of higher priority take the place of others, and only of those that have to go. */

import assert from 'node:assert/strict';
import { pods, priorityClasses, replicaSets } from '#api/generated/kinds.gen.ts';
import type { PriorityClass } from '#api/generated/types.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { getPod, podOf, start } from '../common/running.ts';
import { watchFromNow } from '../shared/watching.ts';
import { change, isGone, refusal } from '../shared/workloads.ts';
import { offers, only, requesting, usableNode } from './placing.ts';

const resource = 'scheduling.k8s.io/foo';
const values = { low: 1, medium: 100, high: 1000 };

/** Names of priority classes of these values, which are there until the behaviour ends. */
async function createClasses<Word extends string>(
  { client, namespace, after }: BehaviourContext,
  wanted: Record<Word, number>,
): Promise<Record<Word, string>> {
  const names = {} as Record<Word, string>;
  for (const word of Object.keys(wanted) as Word[]) {
    const name = `${word}-of-${namespace}`;
    after(() => client.delete(priorityClasses, { name }));
    await client.create(priorityClasses, { metadata: { name }, value: wanted[word] });
    names[word] = name;
  }
  return names;
}

/**
 * A node full of a made-up resource: one pod of low priority and one of medium have two fifths of it each.
 */
async function fillNode(context: BehaviourContext) {
  const classes = await createClasses(context, values);
  const node = await usableNode(context);
  await offers(context, node, resource, '5');
  const run = (name: string, priorityClassName: string) =>
    start(context, podOf(context, name, requesting(resource, '2'), { ...only(node), priorityClassName }));
  await run('low', classes.low);
  await run('medium', classes.medium);
  return { classes, node, run };
}

async function onlyLowGoes(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  await context.eventually('the low one goes', async () => {
    if (await isGone(client, pods, { namespace, name: 'low' })) return true;
    return (await getPod(context, 'low')).metadata.deletionTimestamp !== undefined;
  });
  assert.equal((await getPod(context, 'medium')).metadata.deletionTimestamp, undefined);
}

async function preempts(context: BehaviourContext): Promise<void> {
  const { run, classes, node } = await fillNode(context);
  const { spec } = await run('preemptor', classes.high);
  assert.equal(spec?.nodeName, node.metadata.name);
  await onlyLowGoes(context);
}

async function critical(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const { node } = await fillNode(context);
  const inSystem = { ...context, namespace: 'kube-system' };
  const name = `critical-of-${namespace}`;
  context.after(() => client.delete(pods, { namespace: 'kube-system', name }, { gracePeriodSeconds: 0 }));
  const spec = { ...only(node), priorityClassName: 'system-cluster-critical' };
  await start(inSystem, podOf(inSystem, name, requesting(resource, '2'), spec));
  await onlyLowGoes(context);
}

/** A finalizer keeps the victim long enough to see what was written into its status. */
async function namesReason(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const finalizers = ['example.com/test-finalizer'];
  const classes = await createClasses(context, { low: values.low, high: values.high });
  const node = await usableNode(context);
  await offers(context, node, resource, '1');
  const asking = requesting(resource, '1');
  const victim = podOf(context, 'victim', asking, { ...only(node), priorityClassName: classes.low });
  context.after(() => release(context));
  await start(context, { ...victim, metadata: { ...victim.metadata, finalizers } });
  const spec = { ...only(node), priorityClassName: classes.high };
  await client.create(pods, podOf(context, 'preemptor', asking, spec));
  await context.eventually('the victim has an event with the reason', async () => {
    const { metadata, status } = await getPod(context, 'victim');
    assert.ok(metadata.deletionTimestamp);
    const condition = status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
    assert.equal(condition?.status, 'True');
    assert.equal(condition?.reason, 'PreemptionByScheduler');
    return true;
  });
  await release(context);
  await context.eventually('it is gone', () => isGone(client, pods, { namespace, name: 'victim' }));
}

function release({ client, namespace }: BehaviourContext) {
  return client.patch(pods, { namespace, name: 'victim' }, 'merge', { metadata: { finalizers: null } });
}

/**
 * Sets of rising priority: the last one needs the place of the two lowest, whose pods are recreated in vain.
 */
async function runsSets(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const fake = 'example.com/fakecpu';
  const classes = await createClasses(context, { p1: 1, p2: 2, p3: 3, p4: 4 });
  const node = await usableNode(context);
  await offers(context, node, fake, '1000');
  const watching = await watchFromNow(context, pods, { namespace });
  const seen = (set: string) =>
    watching.events.filter(({ type, object }) => type === 'ADDED' && object.metadata.labels?.['name'] === set)
      .length;
  const run = async (set: 'p1' | 'p2' | 'p3' | 'p4', amount: string) => {
    const { metadata, spec } = podOf(context, set, requesting(fake, amount), {
      ...only(node),
      priorityClassName: classes[set],
      restartPolicy: 'Always',
    });
    await client.create(replicaSets, {
      metadata: { name: set, namespace },
      spec: {
        replicas: 1,
        selector: { matchLabels: { name: set } },
        template: { metadata: { labels: metadata?.labels ?? {} }, spec: spec! },
      },
    });
    await context.eventually(`the pod of ${set} is ready`, async () => {
      return (await client.get(replicaSets, { namespace, name: set })).status?.readyReplicas === 1;
    });
  };
  await run('p1', '200');
  await run('p2', '300');
  await run('p3', '450');
  await run('p4', '500');
  await context.eventually('p1 and p2 are recreated', () => {
    assert.deepEqual([seen('p1'), seen('p2'), seen('p3')], [2, 2, 1]);
    return true;
  });
  for (const [set, ready] of [
    ['p1', 0],
    ['p2', 0],
    ['p3', 1],
    ['p4', 1],
  ] as const) {
    const { status } = await client.get(replicaSets, { namespace, name: set });
    assert.deepEqual([set, status?.replicas, status?.readyReplicas ?? 0], [set, 1, ready]);
  }
}

/** The description of a PriorityClass may change, its value may not. */
async function classesAreOperated(context: BehaviourContext): Promise<void> {
  const { client } = context;
  const { p1, p2 } = await createClasses(context, { p1: 1, p2: 2 });
  const { items } = await client.list(priorityClasses);
  const listed = items.map(({ metadata }) => metadata.name);
  assert.ok([p1, p2].every((name) => listed.includes(name)));
  for (const [index, name] of [p1, p2].entries()) {
    const patch = (body: Partial<PriorityClass>) =>
      client.patch(priorityClasses, { name }, 'strategic', body);
    const update = (body: Partial<PriorityClass>) =>
      change(client, priorityClasses, { name }, (priorityClass) => Object.assign(priorityClass, body));
    assert.equal((await refusal(patch({ value: 10 + index }))).code, 422);
    assert.equal((await refusal(update({ value: 20 + index }))).code, 422);
    assert.equal((await patch({ description: 'patched' })).description, 'patched');
    assert.equal((await update({ description: 'updated' })).description, 'updated');
    const read = await client.get(priorityClasses, { name });
    assert.deepEqual([read.value, read.description], [index + 1, 'updated']);
  }
}

const prefix = '[sig-scheduling] SchedulerPreemption [Serial]';

export const preemption: readonly Behaviour[] = [
  behaviour(`${prefix} validates basic preemption works [Conformance]`, preempts),
  behaviour(`${prefix} validates lower priority pod preemption by critical pod [Conformance]`, critical),
  behaviour(
    `${prefix} validates pod disruption condition is added to the preempted pod [Conformance]`,
    namesReason,
  ),
  behaviour(
    `${prefix} PreemptionExecutionPath runs ReplicaSets to verify preemption running path [Conformance]`,
    runsSets,
  ),
  behaviour(
    `${prefix} PriorityClass endpoints verify PriorityClass endpoints can be operated with different HTTP methods [Conformance]`,
    classesAreOperated,
  ),
];
