/** What a ResourceQuota counts of a ResourceClaim: the devices that it may get of each DeviceClass, at most. */

import type { ResourceV1ResourceClaim } from '../../generated/types.gen.ts';
import type { QuotaRules, Usage } from '../../kind/quota.ts';

const devicesOfClass = '.deviceclass.resource.k8s.io/devices';
/** So many devices can one claim get. */
const allocationMax = 32;

export const resourceClaimQuota: QuotaRules<ResourceV1ResourceClaim> = {
  counts: (name) => name.endsWith(devicesOfClass),
  growsThrough: '',
  usage({ spec }): Usage {
    const sums = new Map<string, number>();
    for (const { exactly, firstAvailable = [] } of spec?.devices?.requests ?? []) {
      const wanted = firstAvailable.length > 0 ? mostOf(firstAvailable) : mostOf(exactly ? [exactly] : []);
      for (const [name, count] of wanted) sums.set(name, (sums.get(name) ?? 0) + count);
    }
    return Object.fromEntries(Array.from(sums, ([name, count]) => [name + devicesOfClass, String(count)]));
  },
};

interface DeviceRequest {
  readonly deviceClassName?: string;
  readonly allocationMode?: string;
  readonly count?: number;
}

/** Of alternatives one comes true: of each class the largest number counts. */
function mostOf(alternatives: readonly DeviceRequest[]): Map<string, number> {
  const most = new Map<string, number>();
  for (const request of alternatives) {
    const { deviceClassName = '' } = request;
    most.set(deviceClassName, Math.max(most.get(deviceClassName) ?? 0, devicesOf(request)));
  }
  return most;
}

function devicesOf({ allocationMode = 'ExactCount', count = 1 }: DeviceRequest): number {
  if (allocationMode === 'ExactCount') return count;
  return allocationMode === 'All' ? allocationMax : 0;
}
