/**
 * What a ResourceQuota counts of a ResourceClaim: the devices that it may get of each DeviceClass, at most, also
 * by the names of the extended resources that the classes stand for.
 */

import { extendedResourceClaimAnnotation } from '../../devices/names.ts';
import { deviceClasses, pods, resourceClaims } from '../../generated/kinds.gen.ts';
import type {
  DeviceClass,
  Pod,
  ResourceV1ResourceClaim as ResourceClaim,
} from '../../generated/types.gen.ts';
import type { QuotaLookUps, QuotaRules, Usage } from '../../kind/quota.ts';
import { controllerOf } from '../../meta/controller-of.ts';
import type { KubeObject, OwnerReference } from '../../meta/object.ts';
import { podQuota } from '../pods/quota.ts';

const devicesOfClass = '.deviceclass.resource.k8s.io/devices';
const implicitResource = 'requests.deviceclass.resource.kubernetes.io/';
/** So many devices can one claim get. */
const allocationMax = 32;

export const resourceClaimQuota: QuotaRules<ResourceClaim> = {
  counts: (name) => name.endsWith(devicesOfClass) || /^requests\..+\/.+/.test(name),
  growsThrough: '',
  usage(claim, nowMs, lookUps): Usage {
    const devices = devicesByClass(claim);
    const ofClasses = Array.from(devices, ([name, count]) => [name + devicesOfClass, String(count)]);
    return {
      ...Object.fromEntries(ofClasses),
      ...extendedUsage(devices, podUsage(claim, nowMs, lookUps), lookUps),
    };
  },
  looksUp: [deviceClasses, pods],
};

function devicesByClass({ spec }: ResourceClaim): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { exactly, firstAvailable = [] } of spec?.devices?.requests ?? []) {
    const wanted = firstAvailable.length > 0 ? mostOf(firstAvailable) : mostOf(exactly ? [exactly] : []);
    for (const [name, count] of wanted) sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return sums;
}

/** The same devices as extended resources, less what their pod is counted for. */
function extendedUsage(devices: Map<string, number>, ofPod: Usage, lookUps: QuotaLookUps): Usage {
  const sums = new Map<string, number>();
  for (const [className, count] of devices) {
    const found = lookUps.get(deviceClasses, '', className) as DeviceClass | undefined;
    if (!found) continue;
    const { extendedResourceName } = found.spec;
    const names = [implicitResource + className];
    if (extendedResourceName) names.push(`requests.${extendedResourceName}`);
    for (const name of names) sums.set(name, (sums.get(name) ?? 0) + count);
  }
  const left = Array.from(sums, ([name, count]) => [name, count - Number(ofPod[name] ?? 0)] as const);
  return Object.fromEntries(
    left.filter(([, count]) => count > 0).map(([name, count]) => [name, String(count)]),
  );
}

/**
 * What the quota counts of the pod that the scheduler created this claim for; nothing where that is not sure, so
 * that no claim made by hand escapes the quota.
 */
function podUsage(claim: ResourceClaim, nowMs: number, lookUps: QuotaLookUps): Usage {
  const owner = ownerOf(claim);
  if (!owner) return {};
  const { name = '', namespace = '' } = claim.metadata ?? {};
  const pod = lookUps.get(pods, namespace, owner.name) as Pod | undefined;
  if (!pod || pod.metadata?.uid !== owner.uid) return {};
  const named = pod.status?.extendedResourceClaimStatus?.resourceClaimName;
  const isTheClaim = named === undefined ? isFirst(claim, owner.uid, lookUps) : named === name;
  return isTheClaim ? (podQuota.usage?.(pod, nowMs, lookUps) ?? {}) : {};
}

function ownerOf(claim: KubeObject): OwnerReference | undefined {
  if (claim.metadata?.annotations?.[extendedResourceClaimAnnotation] !== 'true') return undefined;
  const owner = controllerOf(claim);
  return owner?.kind === 'Pod' && owner.apiVersion === 'v1' ? owner : undefined;
}

/** A pod that does not name its claim yet is counted for the oldest, of equally old ones the first by name. */
function isFirst(claim: ResourceClaim, podUid: string, lookUps: QuotaLookUps): boolean {
  const { name = '', namespace = '', creationTimestamp: created = '' } = claim.metadata ?? {};
  const others = lookUps
    .list(resourceClaims, namespace)
    .filter((other) => other.metadata?.name !== name && ownerOf(other)?.uid === podUid);
  return others.every(({ metadata = {} }) => {
    const { name: otherName = '', creationTimestamp: otherCreated = '' } = metadata;
    return otherCreated === created ? otherName > name : otherCreated > created;
  });
}

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
