/** What keeps a pod from a node: too little left, a label it lacks, a port that another pod has. */

import assert from 'node:assert/strict';
import { nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Node } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { quantityMilliValue } from '#api/values/quantity.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { podOf, start } from '../common/running.ts';
import { createPod, isNotPlaced, isPlaced, only, usableNode } from './placing.ts';

/** Processor time that no pod on the node requests yet, in thousandths of a core. */
async function freeMilliCores({ client }: BehaviourContext, node: Stored<Node>): Promise<number> {
  const fieldSelector = `spec.nodeName=${node.metadata.name},status.phase!=Succeeded,status.phase!=Failed`;
  const { items } = await client.list(pods, { fieldSelector });
  const taken = items.flatMap(({ spec }) => spec?.containers ?? []);
  const sum = taken.reduce(
    (total, { resources }) => total + quantityMilliValue(resources?.requests?.['cpu']),
    0,
  );
  return quantityMilliValue(node.status?.allocatable?.['cpu']) - sum;
}

async function respectsCapacity(context: BehaviourContext): Promise<void> {
  const node = await usableNode(context);
  const free = await freeMilliCores(context, node);
  assert.ok(free > 100, `${free} thousandths of a core are free`);
  const asking = (milli: number) => ({ resources: { requests: { cpu: `${milli}m` } } });
  const filling = Math.floor((free * 7) / 10);
  await createPod(context, 'filler', asking(filling), only(node));
  await isPlaced(context, 'filler', node);
  await createPod(context, 'additional', asking(Math.floor(free / 2)), only(node));
  await isNotPlaced(context, 'additional', /Insufficient cpu/);
  await context.client.delete(pods, { namespace: context.namespace, name: 'filler' });
  await isPlaced(context, 'additional', node);
}

async function matchesLabel(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const { metadata } = await usableNode(context);
  const label = `kubernetes.io/e2e-${namespace}`;
  const setLabel = (value: string | null) =>
    client.patch(nodes, { name: metadata.name }, 'merge', { metadata: { labels: { [label]: value } } });
  context.after(() => setLabel(null));
  await setLabel('42');
  const pod = await start(context, podOf(context, 'with-labels', {}, { nodeSelector: { [label]: '42' } }));
  assert.equal(pod.spec?.nodeName, metadata.name);
}

const port = 54322;

function holding(hostIP?: string) {
  return { ports: [{ containerPort: 80, hostPort: port, ...(hostIP ? { hostIP } : {}) }] };
}

/** A pod with a host port on every address of the node has it on each of them. */
async function conflictsByPort(context: BehaviourContext): Promise<void> {
  const node = await usableNode(context);
  const address = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  assert.ok(address);
  await start(context, podOf(context, 'everywhere', holding(), only(node)));
  await createPod(context, 'on-one-address', holding(address), only(node));
  await isNotPlaced(context, 'on-one-address', /free ports/);
}

const prefix = '[sig-scheduling] SchedulerPredicates [Serial] validates';

export const predicates: readonly Behaviour[] = [
  behaviour(`${prefix} resource limits of pods that are allowed to run [Conformance]`, respectsCapacity),
  behaviour(`${prefix} that NodeSelector is respected if not matching [Conformance]`, async (context) => {
    await createPod(context, 'restricted', {}, { nodeSelector: { label: 'nonempty' } });
    await isNotPlaced(context, 'restricted', /didn't match Pod's node affinity\/selector/);
  }),
  behaviour(`${prefix} that NodeSelector is respected if matching [Conformance]`, matchesLabel),
  behaviour(
    `${prefix} that there exists conflict between pods with same hostPort and protocol but one using 0.0.0.0 hostIP [Conformance]`,
    conflictsByPort,
  ),
];
