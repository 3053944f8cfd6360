/** What a Node's status says of extended resources: those of device plugins, and those that users set. */

import type { NodeStatus } from '#api/generated/types.gen.ts';
import { isExtendedResource } from '#api/validation/extended-resource.ts';

export interface ResourceAmounts {
  readonly capacity: Record<string, string>;
  readonly allocatable: Record<string, string>;
}

/**
 * What is to be written beside the node's own resources. A capacity that users set is left as it is, and all of it is
 * allocatable, as upstream.
 */
export function extendedAmounts(status: NodeStatus | undefined, own: ResourceAmounts): ResourceAmounts {
  const capacity = Object.entries(status?.capacity ?? {});
  const ofUsers = capacity.filter(([name]) => isExtendedResource(name) && !(name in own.capacity));
  return {
    capacity: own.capacity,
    allocatable: { ...Object.fromEntries(ofUsers), ...own.allocatable },
  };
}

/** Zero for all extended resources: what a Node has when another machine takes its name. */
export function noExtendedAmounts(status: NodeStatus | undefined): Record<string, string> {
  const names = Object.keys(status?.capacity ?? {}).filter(isExtendedResource);
  return Object.fromEntries(names.map((name) => [name, '0']));
}

/** What admission goes by. `least`: what pods have that were allocated devices before, whatever became of these. */
export function allocatableFor(
  status: NodeStatus | undefined,
  own: Readonly<Record<string, string>>,
  devices: Readonly<Record<string, string>>,
  least: Readonly<Record<string, number>>,
): Record<string, string> {
  const ofNode = Object.entries(status?.allocatable ?? {}).filter(([name]) => isExtendedResource(name));
  const allocatable: Record<string, string> = { ...Object.fromEntries(ofNode), ...own, ...devices };
  for (const [name, count] of Object.entries(least)) {
    if (Number(allocatable[name] ?? 0) < count) allocatable[name] = String(count);
  }
  return allocatable;
}
