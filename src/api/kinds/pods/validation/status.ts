/**
 * Validation of a write to a pod's status: it must not restart containers, change nodeName, or change the QoS
 * class.
 */

import type { Pod, PodCondition } from '../../../generated/types.gen.ts';
import { checkField, checkImmutable } from '../../../validation/field-checks.ts';
import { type FieldError, forbiddenField, invalidValue } from '../../../validation/field-error.ts';
import { internalText } from '../../../validation/internal-form.ts';
import { checkIp } from '../../../validation/ip-checks.ts';
import { dns1123Subdomain, qualifiedName } from '../../../validation/validators.ts';
import { validateAnnotationUpdate } from './annotations.ts';
import { validateClaimStatuses, validateExtendedResourceClaim } from './claim-status.ts';
import { validateTransitions } from './containers/restart-status.ts';
import { forbidAllocatedStatus, validateAllocatedStatus, validateUsers } from './containers/status.ts';

const systemConditions = ['PodScheduled', 'Ready', 'Initialized'];
const lists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;

export function validatePodStatusUpdate(pod: Pod, old: Pod): FieldError[] {
  const [status, spec] = [pod.status ?? {}, pod.spec!];
  const errors = [
    ...validateAnnotationUpdate(pod, old),
    ...validateConditions(status.conditions),
    ...validatePlace(pod, old),
    ...validateObserved('status.observedGeneration', status.observedGeneration),
    ...checkImmutable('status.qosClass', status.qosClass ?? '', old.status?.qosClass ?? ''),
    ...validateTransitions(pod, old),
    ...validateClaimStatuses(status.resourceClaimStatuses, spec.resourceClaims),
    ...validateExtendedResourceClaim(status.extendedResourceClaimStatus, spec),
    ...validatePodIps(pod, old),
    ...validateHostIps(pod, old),
  ];
  for (const list of lists) errors.push(...validateUsers(status[list], spec.os?.name, `status.${list}`));
  errors.push(
    ...validateAllocatedStatus(status.containerStatuses, spec.containers, 'status.containerStatuses'),
    ...validateAllocatedStatus(
      status.initContainerStatuses,
      spec.initContainers,
      'status.initContainerStatuses',
    ),
    ...forbidAllocatedStatus(status.ephemeralContainerStatuses, 'status.ephemeralContainerStatuses'),
  );
  return errors;
}

function validateConditions(conditions: PodCondition[] = []): FieldError[] {
  return conditions.flatMap((condition, i) => {
    const path = `status.conditions[${i}]`;
    const errors = validateObserved(`${path}.observedGeneration`, condition.observedGeneration);
    if (systemConditions.includes(condition.type)) return errors;
    // The capital is upstream's.
    return [...errors, ...checkField(`${path}.Type`, condition.type, qualifiedName)];
  });
}

function validateObserved(field: string, generation = 0): FieldError[] {
  return generation < 0 ? [invalidValue(field, generation, 'must be a non-negative integer')] : [];
}

function validatePlace(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  if ((pod.spec?.nodeName ?? '') !== (old.spec?.nodeName ?? '')) {
    errors.push(forbiddenField('status.nodeName', 'may not be changed directly'));
  }
  const nominated = pod.status?.nominatedNodeName;
  if (!nominated || nominated === old.status?.nominatedNodeName) return errors;
  const field = 'status.nominatedNodeName';
  errors.push(...checkField(field, nominated, dns1123Subdomain));
  if (old.spec?.nodeName) {
    errors.push(forbiddenField(field, 'may not be set on pods that are already bound to a node'));
  }
  return errors;
}

function validatePodIps(pod: Pod, old: Pod): FieldError[] {
  const kept = (old.status?.podIPs ?? []).map(({ ip = '' }) => ip);
  return checkIps(pod.status?.podIPs, 'status.podIPs', 'PodIP', kept);
}

function validateHostIps(pod: Pod, old: Pod): FieldError[] {
  const { hostIPs = [], hostIP = '' } = pod.status ?? {};
  if (hostIPs.length === 0) return [];
  const kept = (old.status?.hostIPs ?? []).map(({ ip = '' }) => ip);
  const first = hostIPs[0]?.ip ?? '';
  const text = 'must be equal to `hostIP`';
  const errors = first === hostIP ? [] : [invalidValue('status.hostIPs[0].ip', first, text)];
  return [...errors, ...checkIps(hostIPs, 'status.hostIPs', 'HostIP', kept)];
}

/** At most one of each family; existing ones may stay, in any form. */
function checkIps(
  list: { ip?: string }[] = [],
  path: string,
  kind: string,
  kept: readonly string[],
): FieldError[] {
  const ips = list.map(({ ip = '' }) => ip);
  const errors = ips.flatMap((ip, i) => checkIp(`${path}[${i}]`, ip, kept));
  const families = new Set(ips.map((ip) => ip.includes(':')));
  if (ips.length < 2 || (families.size === 2 && ips.length === 2)) return errors;
  const text = 'may specify no more than one IP for each IP family';
  return [...errors, invalidValue(path, internalText(list, kind), text)];
}
