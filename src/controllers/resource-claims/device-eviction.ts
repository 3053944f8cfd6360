/** When a pod has to go because of the taints of its devices. */

import { isReservedFor, podClaimName, strayClaimReason } from '#api/devices/pod-claim.ts';
import type {
  DeviceRequestAllocationResult,
  DeviceTaint,
  DeviceToleration,
  Pod,
  ResourceV1ResourceClaim,
} from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { isPodTerminal } from '#api/pods/state.ts';
import { toleratesTaint } from '#api/pods/tolerations.ts';

const effect = 'NoExecute';

export interface EvictionView {
  readonly pod: Stored<Pod>;
  /** In the pod's namespace. */
  readonly claim: (name: string) => Stored<ResourceV1ResourceClaim> | undefined;
  /** Of a device as its driver publishes it now. */
  readonly taints: (device: DeviceRequestAllocationResult) => readonly DeviceTaint[];
}

/** Wall-clock time; undefined when the pod may stay. */
export function evictionTimeMs({ pod, claim: claimOf, taints }: EvictionView): number | undefined {
  if (!pod.spec?.nodeName || pod.metadata.deletionTimestamp || isPodTerminal(pod)) return undefined;
  const times = (pod.spec.resourceClaims ?? []).flatMap((podClaim) => {
    const named = podClaimName(pod, podClaim);
    const claim = named.state === 'named' ? claimOf(named.name) : undefined;
    if (!claim || named.state !== 'named' || !isReservedFor(pod, claim)) return [];
    if (named.isGenerated && strayClaimReason(pod, claim) !== undefined) return [];
    const devices = claim.status?.allocation?.devices?.results ?? [];
    return devices.flatMap((device) => timesOf(device.tolerations ?? [], taints(device)));
  });
  return times.length === 0 ? undefined : Math.min(...times);
}

export function evicting(taints: readonly DeviceTaint[] | undefined): DeviceTaint[] {
  return (taints ?? []).filter((taint) => taint.effect === effect);
}

/** Of the taints that are not tolerated for ever; the API server sets `timeAdded`. */
function timesOf(tolerations: readonly DeviceToleration[], taints: readonly DeviceTaint[]): number[] {
  return evicting(taints).flatMap((taint) => {
    const fitting = tolerations.filter((each) => each.effect === effect && toleratesTaint(each, taint));
    const isTolerated = fitting.some((each) => each.tolerationSeconds === undefined);
    if (taint.timeAdded === undefined || isTolerated) return [];
    const seconds = fitting.map(({ tolerationSeconds = 0 }) => Math.max(0, tolerationSeconds));
    return [Date.parse(taint.timeAdded) + (seconds.length > 0 ? Math.min(...seconds) * 1000 : 0)];
  });
}
