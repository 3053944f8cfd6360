/** The quality of service class of a pod: Guaranteed, Burstable or BestEffort, by its cpu and memory. */

import type { Pod, ResourceRequirements } from '../generated/types.gen.ts';
import { parseQuantity } from '../values/quantity.ts';
import { startedContainers } from './containers.ts';

export function podQosClass(pod: Pod): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const spec = pod.spec;
  const parts: (ResourceRequirements | undefined)[] = spec?.resources
    ? [spec.resources as ResourceRequirements]
    : startedContainers(spec).map(({ resources }) => resources);
  if (!parts.some(asksForAnything)) return 'BestEffort';
  return parts.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}

const computeResources = ['cpu', 'memory'];

function asksForAnything(resources: ResourceRequirements | undefined): boolean {
  return computeResources.some((name) =>
    [resources?.requests?.[name], resources?.limits?.[name]].some(isPositive),
  );
}

function isGuaranteed(resources: ResourceRequirements | undefined): boolean {
  return computeResources.every((name) => {
    const limit = resources?.limits?.[name];
    if (!isPositive(limit)) return false;
    const request = resources?.requests?.[name];
    return request === undefined || parseQuantity(request).compare(parseQuantity(limit!)) === 0;
  });
}

function isPositive(quantity: string | undefined): boolean {
  return quantity !== undefined && parseQuantity(quantity).sign() > 0;
}
