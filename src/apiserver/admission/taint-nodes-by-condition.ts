/** A new node is not ready until it says so: it is born with the not-ready taint. Upstream: TaintNodesByCondition. */

import type { Node, NodeSpec } from '#api/generated/types.gen.ts';
import type { AdmissionPlugin } from '../contract/contract.ts';

const notReady = 'node.kubernetes.io/not-ready';

export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  resources: ['nodes'],
  mutate({ operation, subresource, object }) {
    if (operation !== 'CREATE' || subresource !== '' || !object) return;
    const node = object as Node;
    node.spec ??= {} as NodeSpec;
    const taints = node.spec.taints ?? [];
    if (taints.some(({ key, effect }) => key === notReady && effect === 'NoSchedule')) return;
    node.spec.taints = [...taints, { key: notReady, effect: 'NoSchedule' }];
  },
};
