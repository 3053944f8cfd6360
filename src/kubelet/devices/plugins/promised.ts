/** Whether a resource can be allocated now, and what was allocated of it can still be used. */

import type { AllocationEntry } from './allocations.ts';
import type { PluginResource } from './plugin-resource.ts';

/** Throws, with upstream's words. `own`: what the container was allocated before. */
export function checkPromised(
  name: string,
  resource: Pick<PluginResource, 'isListed' | 'healthy'> | undefined,
  own: ReadonlySet<string> | undefined,
): void {
  if (!resource?.isListed) throw new Error(`cannot allocate unregistered device ${name}`);
  const { healthy } = resource;
  if (healthy.size === 0) {
    throw new Error(`no healthy devices present; cannot allocate unhealthy devices ${name}`);
  }
  if (own && !own.isSubsetOf(healthy)) {
    throw new Error(
      `previously allocated devices are no longer healthy; cannot allocate unhealthy devices ${name}`,
    );
  }
}

/** Throws, with upstream's words, when a container requests another number of devices than it was allocated before. */
export function checkSameCount(
  { podUid, container, resource }: Omit<AllocationEntry, 'allocation'>,
  own: ReadonlySet<string> | undefined,
  count: number,
): void {
  if (!own || own.size === count) return;
  const place = `pod ${JSON.stringify(podUid)} container ${JSON.stringify(container)}`;
  const change = `from ${own.size} to ${count}`;
  throw new Error(`${place} changed request for resource ${JSON.stringify(resource)} ${change}`);
}
