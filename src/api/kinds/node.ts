/** Node: what can be allocated is what there is, unless its kubelet says less. */

import type { Strategy } from '../strategy.ts';
import type { Node } from '../types.gen.ts';
import { keepStatus } from './status-handling.ts';

export const node: Strategy<Node> = {
  hasGeneration: false,
  setDefaults(node) {
    node.spec ??= {};
    const capacity = node.status?.capacity;
    if (capacity) node.status!.allocatable ??= { ...capacity };
  },
  prepareForUpdate: keepStatus,
  selectableFields(node) {
    return { 'spec.unschedulable': String(node.spec?.unschedulable ?? false) };
  },
};
