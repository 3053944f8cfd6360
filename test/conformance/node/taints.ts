/** Taints that drive pods from a node: after the time they tolerate it, and not when it ends before. */

import assert from 'node:assert/strict';
import { nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Node } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { getPod, holds, podOf, start } from '../common/running.ts';
import { usableNode } from '../scheduling/placing.ts';
import { change, isGone } from '../shared/workloads.ts';

const taint = {
  key: 'kubernetes.io/e2e-evict-taint-key',
  value: 'evictTaintVal',
  effect: 'NoExecute',
} as const;

async function setTaint({ client }: BehaviourContext, node: Stored<Node>, there: boolean): Promise<void> {
  await change(client, nodes, { name: node.metadata.name }, ({ spec }) => {
    const others = (spec!.taints ?? []).filter(({ key }) => key !== taint.key);
    spec!.taints = there ? [...others, taint] : others;
  });
}

async function startTolerating(
  context: BehaviourContext,
  name: string,
  tolerationSeconds: number,
  node: Stored<Node>,
): Promise<void> {
  const tolerations = [{ ...taint, operator: 'Equal' as const, tolerationSeconds }];
  const { spec } = await start(
    context,
    podOf(context, name, {}, { tolerations, nodeName: node.metadata.name }),
  );
  assert.equal(spec?.nodeName, node.metadata.name);
}

async function isEvicted({ client, namespace, eventually }: BehaviourContext, name: string): Promise<void> {
  await eventually(`${name} is evicted`, () => isGone(client, pods, { namespace, name }), 90_000);
}

async function evictsInTurn(context: BehaviourContext): Promise<void> {
  const node = await usableNode(context);
  context.after(() => setTaint(context, node, false));
  await startTolerating(context, 'sooner', 5, node);
  await startTolerating(context, 'later', 40, node);
  await setTaint(context, node, true);
  assert.equal((await getPod(context, 'sooner')).metadata.deletionTimestamp, undefined);
  await isEvicted(context, 'sooner');
  assert.equal((await getPod(context, 'later')).metadata.deletionTimestamp, undefined);
  await isEvicted(context, 'later');
}

async function staysWhenItEnds(context: BehaviourContext): Promise<void> {
  const seconds = 20;
  const node = await usableNode(context);
  context.after(() => setTaint(context, node, false));
  await startTolerating(context, 'tolerating', seconds, node);
  const stays = async () => {
    const { metadata, status } = await getPod(context, 'tolerating');
    assert.equal(metadata.deletionTimestamp, undefined);
    assert.equal(status?.phase, 'Running');
  };
  await setTaint(context, node, true);
  // Its eviction is planned by then.
  await holds(context, 'the pod tolerates it', (seconds / 4) * 1000, stays);
  await setTaint(context, node, false);
  await holds(context, 'the pod stays', (seconds + 10) * 1000, stays);
}

const prefix = '[sig-node] NoExecuteTaintManager';

export const taints: readonly Behaviour[] = [
  behaviour(
    `${prefix} Single Pod [Serial] removing taint cancels eviction [Disruptive] [Conformance]`,
    staysWhenItEnds,
  ),
  behaviour(
    `${prefix} Multiple Pods [Serial] evicts pods with minTolerationSeconds [Disruptive] [Conformance]`,
    evictsInTurn,
  ),
];
