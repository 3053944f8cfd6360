/**
 * Tells each kubelet how long it may trust cached Secrets and ConfigMaps: the longer, the larger the cluster.
 *
 * Reads nodes; writes the annotation node.alpha.kubernetes.io/ttl. Follows upstream's TTL controller.
 */

import { nodes } from '#api/generated/kinds.gen.ts';
import { defineController } from '#client/controllers/controller.ts';

const annotation = 'node.alpha.kubernetes.io/ttl';

/** Going up at `nodesMax`, going down at `nodesMin` of the step, so that a node more or less does not flap. */
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
    const informer = informers.for(nodes);
    let step = 0;
    let count = 0;
    const settle = () => {
      const next = stepFor(count, step);
      if (next === step) return;
      step = next;
      for (const node of informer.list()) enqueue(node.metadata.name);
    };
    const stop = informer.subscribe({
      onAdd(node) {
        count++;
        settle();
        enqueue(node.metadata.name);
      },
      onUpdate(old, node) {
        if (old.metadata.annotations?.[annotation] !== node.metadata.annotations?.[annotation]) {
          enqueue(node.metadata.name);
        }
      },
      onDelete() {
        count--;
        settle();
      },
    });
    return {
      reconcile(name) {
        const wanted = String(steps[step]!.seconds);
        const node = informer.get(undefined, name);
        if (!node || node.metadata.annotations?.[annotation] === wanted) return { actions: [] };
        const patch = { metadata: { annotations: { [annotation]: wanted } } };
        return { actions: [{ do: 'patch', type: nodes, name, patchType: 'strategic', patch }] };
      },
      stop,
    };
  },
});

export function stepFor(nodeCount: number, current: number): number {
  let step = current;
  while (nodeCount > steps[step]!.nodesMax) step++;
  while (step > 0 && nodeCount < steps[step]!.nodesMin) step--;
  return step;
}
