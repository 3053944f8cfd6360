/** Which node pods get or do not get, and what a node has to offer. */

import assert from 'node:assert/strict';
import { nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Node, PodSpec } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { BehaviourContext } from '../behaviour.ts';
import { getPod, podOf } from '../common/running.ts';

const hostname = 'kubernetes.io/hostname';

/** A node that plain pods can be placed on. */
export async function usableNode({ client }: BehaviourContext): Promise<Stored<Node>> {
  const found = (await usableNodes(client))[0];
  assert.ok(found, 'no node is ready and without taints');
  return found;
}

export async function usableNodes(client: BehaviourContext['client']): Promise<Stored<Node>[]> {
  const { items } = await client.list(nodes);
  return items.filter(({ spec, status }) => {
    const ready = status?.conditions?.some(
      (condition) => condition.type === 'Ready' && condition.status === 'True',
    );
    return ready && !spec?.unschedulable && !spec?.taints?.length;
  });
}

/** What makes the scheduler consider this node only. */
export function only(node: Node): Partial<PodSpec> {
  return { nodeSelector: { [hostname]: node.metadata?.labels?.[hostname] ?? '' } };
}

/** The node offers so much of a made-up resource until the behaviour ends. */
export async function offers(
  { client, after }: BehaviourContext,
  node: Stored<Node>,
  resource: string,
  amount: string,
): Promise<void> {
  const set = (value: string | null) => {
    const amounts = { [resource]: value };
    const status = { capacity: amounts, allocatable: amounts };
    const { name } = node.metadata;
    return client.patch(nodes, { name }, 'merge', { status }, { subresource: 'status' });
  };
  after(() => set(null));
  await set(amount);
}

/** Requests, which are limits too: so it must be for made-up resources. */
export function requesting(resource: string, amount: string) {
  const amounts = { [resource]: amount };
  return { resources: { requests: amounts, limits: amounts } };
}

export async function createPod(
  context: BehaviourContext,
  name: string,
  container: Parameters<typeof podOf>[2],
  spec: Partial<PodSpec>,
): Promise<void> {
  await context.client.create(pods, podOf(context, name, container, spec));
}

export async function isPlaced(context: BehaviourContext, name: string, node?: Node): Promise<void> {
  await context.eventually(`pod ${name} has a node`, async () => {
    const { spec, status } = await getPod(context, name);
    assert.ok(spec?.nodeName, JSON.stringify(status?.conditions));
    if (node) assert.equal(spec.nodeName, node.metadata?.name);
    return true;
  });
}

/** The scheduler has tried, and the pod's condition has the reason of the failure. */
export async function isNotPlaced(context: BehaviourContext, name: string, why: RegExp): Promise<void> {
  await context.eventually(`pod ${name} cannot be placed`, async () => {
    const { spec, status } = await getPod(context, name);
    assert.equal(spec?.nodeName, undefined);
    const condition = status?.conditions?.find(({ type }) => type === 'PodScheduled');
    assert.equal(condition?.status, 'False');
    assert.equal(condition?.reason, 'Unschedulable');
    assert.match(condition?.message ?? '', why);
    return true;
  });
}
