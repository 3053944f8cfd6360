/**
 * A new node is not ready until it says so: it is born with the not-ready taint. Upstream:
 * TaintNodesByCondition.
 */

import type { Node, NodeSpec } from '#api/generated/types.gen.ts';
import { defineAdmission } from '../contract/admission.ts';

const notReady = 'node.kubernetes.io/not-ready';

export const taintNodesByCondition = defineAdmission({
  name: 'TaintNodesByCondition',
  rules: [{ operations: ['CREATE'], apiGroups: [''], resources: ['nodes'] }],
  mutate({ object }) {
    const node = object as Node;
    node.spec ??= {} as NodeSpec;
    const taints = node.spec.taints ?? [];
    if (taints.some(({ key, effect }) => key === notReady && effect === 'NoSchedule')) return;
    node.spec.taints = [...taints, { key: notReady, effect: 'NoSchedule' }];
  },
});
