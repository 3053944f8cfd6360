/**
 * NodeUnschedulable: cordoned nodes take no pods, except those that tolerate the unschedulable taint.
 * Reads node spec.unschedulable and the pod's tolerations.
 */

import { tolerates } from '#api/pods/tolerations.ts';
import { definePlugin, Rejection } from '../../framework.ts';

const name = 'NodeUnschedulable';
const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
const rejection = new Rejection(name, ['node(s) were unschedulable'], true);

export const nodeUnschedulable = definePlugin({
  name,
  hints: [
    {
      kinds: ['Node/Add', 'Node/Taints'],
      helps: (_pod, { node, oldNode }) =>
        node?.unschedulable === false && (!oldNode || oldNode.spec?.unschedulable === true),
    },
  ],
  preFilter(pod) {
    if (tolerates(pod.pod.spec?.tolerations ?? [], taint)) return undefined;
    return { filter: (node) => (node.unschedulable ? rejection : undefined) };
  },
});
