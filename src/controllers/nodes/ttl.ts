/**
 * Annotates each node with how long its kubelet may trust cached Secrets and ConfigMaps: the longer, the
 * larger the cluster.
 *
 * Reads nodes; writes the annotation node.alpha.kubernetes.io/ttl. Follows upstream's TTL controller.
 */

import { nodes } from '#api/generated/kinds.gen.ts';
import type { Node } from '#api/generated/types.gen.ts';
import { defineController } from '#client/controllers/controller.ts';
import { nothingToDo, targetOf } from '#client/controllers/plan.ts';
import { watch } from '#client/controllers/watch.ts';

const annotation = 'node.alpha.kubernetes.io/ttl';

/**
 * Going up at `nodesMax`, going down at `nodesMin` of the step, so that a node more or less does not flap.
 */
const steps = [
  { nodesMin: 0, nodesMax: 100, seconds: 0 },
  { nodesMin: 90, nodesMax: 500, seconds: 15 },
  { nodesMin: 450, nodesMax: 1000, seconds: 30 },
  { nodesMin: 900, nodesMax: 2000, seconds: 60 },
  { nodesMin: 1800, nodesMax: Number.POSITIVE_INFINITY, seconds: 300 },
];

export const ttl = defineController({
  name: 'ttl-controller',
  start({ informers, enqueue }) {
    const cached = informers.for(nodes);
    let step = 0;
    let count = 0;
    const settle = () => {
      const next = stepFor(count, step);
      if (next === step) return;
      step = next;
      for (const node of cached.list()) enqueue(node.metadata.name);
    };
    return {
      watches: [
        watch({
          type: nodes,
          changed: (old, node) => ttlOf(old) !== ttlOf(node),
          note(change) {
            if (change === 'updated') return;
            count += change === 'deleted' ? -1 : 1;
            settle();
          },
        }),
      ],
      reconcile(name) {
        const wanted = String(steps[step]!.seconds);
        const node = cached.get(undefined, name);
        if (!node || ttlOf(node) === wanted) return nothingToDo;
        const patch = { metadata: { annotations: { [annotation]: wanted } } };
        return { actions: [{ do: 'patch', ...targetOf(nodes, node), patchType: 'strategic', patch }] };
      },
    };
  },
});

function ttlOf({ metadata }: Node): string | undefined {
  return metadata?.annotations?.[annotation];
}

export function stepFor(nodeCount: number, current: number): number {
  let step = current;
  while (nodeCount > steps[step]!.nodesMax) step++;
  while (step > 0 && nodeCount < steps[step]!.nodesMin) step--;
  return step;
}
