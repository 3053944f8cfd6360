/**
 * Detects nodes that stop reporting or fail, and reports it in conditions and taints.
 *
 *   1. A node is alive as long as its lease or its status changes. After 50 s of silence (60 s if it has
 *      never reported) its conditions become Unknown.
 *   2. Taints follow the conditions: NoSchedule at once; NoExecute, which evicts, at the zone's rate.
 *   3. When a node stops being ready, its pods are marked not ready, so that services leave them out.
 *
 * Reads nodes, leases in kube-node-lease and pods; writes node status and taints, pod conditions, Events.
 * Follows upstream's node life cycle controller; decisions are in `node-decision.ts`, eviction in
 * `taint-eviction.ts`.
 */

import { leases, nodes as nodesType } from '#api/generated/kinds.gen.ts';
import type { Node } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type ControllerContext, defineController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { type SpecialStep, special } from '#client/controllers/special.ts';
import { type Change, watch } from '#client/controllers/watch.ts';
import { podsByNode } from '../shared/pods-by-node.ts';
import { decideNode, lossOf, unregister } from './node-decision.ts';
import { NodeNotes } from './node-notes.ts';

const leaseNamespace = 'kube-node-lease';

interface MarkedPods {
  readonly node: string;
  readonly loss: string;
}

export const nodeLifecycle = defineController({
  name: 'node-controller',
  start(context) {
    const { env, informers } = context;
    const nodes = informers.for(nodesType);
    const podsOn = podsByNode(informers);
    const notes = new NodeNotes(env.clock);
    /** A special step: carried out only after the pods before it have been marked. */
    const rememberMarked: SpecialStep<MarkedPods> = {
      name: 'rememberMarked',
      carryOut({ node, loss }) {
        notes.markedFor.set(node, loss);
        return nothingToDo;
      },
    };
    return {
      watches: [
        watch({ type: nodesType, note: (...change) => noteNode(context, notes, ...change) }),
        watch({
          type: leases,
          selection: { namespace: leaseNamespace },
          keys: () => [],
          note(change, lease, old) {
            const isRenewed = !old || old.spec?.renewTime !== lease.spec?.renewTime;
            if (change !== 'deleted' && isRenewed) notes.seen(lease.metadata.name);
          },
        }),
      ],
      steps: [rememberMarked],
      reconcile(name): Plan {
        const node = nodes.get(undefined, name);
        const known = notes.registered.get(name);
        if (!node) {
          notes.registered.delete(name);
          return known ? { actions: unregister(known) } : nothingToDo;
        }
        if (lossOf(node) === undefined) notes.markedFor.delete(name);
        const plan = decideNode({
          node,
          nowMs: env.clock.now(),
          silentMs: notes.silentMs(name),
          isRegistered: known !== undefined,
          evictions: { mayBegin: () => notes.takeEviction(node), areOff: notes.zones.areAllDark },
          pods: () => podsOn(name),
          markedFor: notes.markedFor.get(name),
          remember: (loss) => special(rememberMarked, `pods of ${name}`, { node: name, loss }),
        });
        notes.registered.set(name, node);
        return plan;
      },
    };
  },
});

function noteNode(
  { informers, enqueue }: ControllerContext,
  notes: NodeNotes,
  change: Change,
  node: Stored<Node>,
  old?: Stored<Node>,
): void {
  const { name } = node.metadata;
  if (old ?? change === 'deleted') notes.zones.remove(old ?? node);
  if (change === 'deleted') notes.forget(name);
  else {
    notes.zones.add(node);
    if (!old || heartbeatsOf(old) !== heartbeatsOf(node)) notes.seen(name);
  }
  if (!notes.hasDarknessChanged()) return;
  // When no node is ready any more, all evictions are cancelled. When the first one is back, the others get
  // time to report.
  for (const { metadata } of informers.for(nodesType).list()) {
    if (!notes.zones.areAllDark) notes.seen(metadata.name);
    enqueue(metadata.name);
  }
}

function heartbeatsOf(node: Node): string {
  return (node.status?.conditions ?? []).map((condition) => condition.lastHeartbeatTime).join();
}
