/** What a write to a pod's status may not do: bring the dead back, move the pod, change its class. */

import { duplicate, type FieldError, forbiddenField, invalidValue } from '../field-error.ts';
import { checkImmutable } from '../meta-validation.ts';
import type { ContainerStatus, Pod } from '../types.gen.ts';
import { checkField, checkIp, dns1123Subdomain, qualifiedName } from '../validators.ts';
import { validateMirrorUpdate } from './pod.ts';

const systemConditions = ['PodScheduled', 'Ready', 'Initialized'];

export function validatePodStatusUpdate(pod: Pod, old: Pod): FieldError[] {
  const [status, before] = [pod.status ?? {}, old.status ?? {}];
  const errors = validateMirrorUpdate(pod, old);
  for (const [i, condition] of (status.conditions ?? []).entries()) {
    if (systemConditions.includes(condition.type)) continue;
    errors.push(...checkField(`metadata.conditions[${i}].Type`, condition.type, qualifiedName));
  }
  if (pod.spec?.nodeName !== old.spec?.nodeName) {
    errors.push(forbiddenField('status.nodeName', 'may not be changed directly'));
  }
  if (status.nominatedNodeName && status.nominatedNodeName !== before.nominatedNodeName) {
    errors.push(...checkField('status.nominatedNodeName', status.nominatedNodeName, dns1123Subdomain));
  }
  if (before.qosClass) errors.push(...checkImmutable('status.qosClass', status.qosClass, before.qosClass));
  const restart = old.spec?.restartPolicy ?? 'Always';
  const sidecars = new Set(
    (old.spec?.initContainers ?? []).filter((one) => one.restartPolicy === 'Always').map((one) => one.name),
  );
  for (const [key, policy, exempt] of [
    ['containerStatuses', restart, new Set<string>()],
    ['initContainerStatuses', restart, sidecars],
    ['ephemeralContainerStatuses', 'Never', new Set<string>()],
  ] as const) {
    errors.push(...stayTerminated(status[key], before[key], policy, exempt, `status.${key}`));
  }
  return [...errors, ...validatePodIps(pod), ...validateHostIps(pod)];
}

function stayTerminated(
  now: ContainerStatus[] = [],
  before: ContainerStatus[] = [],
  policy: string,
  exempt: ReadonlySet<string>,
  path: string,
): FieldError[] {
  if (policy === 'Always') return [];
  return before.flatMap((old, i) => {
    const terminated = old.state?.terminated;
    if (!terminated || exempt.has(old.name)) return [];
    if (terminated.exitCode !== 0 && policy === 'OnFailure') return [];
    const revived = now.some((one) => one.name === old.name && !one.state?.terminated);
    return revived
      ? [forbiddenField(`${path}[${i}].state`, 'may not be transitioned to non-terminated state')]
      : [];
  });
}

function validatePodIps(pod: Pod): FieldError[] {
  const ips = (pod.status?.podIPs ?? []).map((one) => one.ip);
  return checkIps(ips, 'status.podIPs', pod.status?.podIPs);
}

function validateHostIps(pod: Pod): FieldError[] {
  const ips = (pod.status?.hostIPs ?? []).map((one) => one.ip);
  if (ips.length === 0) return [];
  const errors =
    ips[0] === pod.status?.hostIP
      ? []
      : [invalidValue('status.hostIPs[0].ip', ips[0], 'must be equal to `hostIP`')];
  return [...errors, ...checkIps(ips, 'status.hostIPs', pod.status?.hostIPs)];
}

function checkIps(ips: string[], path: string, whole: unknown): FieldError[] {
  const errors = ips.flatMap((ip, i) => checkIp(`${path}[${i}]`, ip));
  if (ips.length < 2) return errors;
  const families = new Set(ips.map((ip) => (ip.includes(':') ? 6 : 4)));
  if (families.size !== 2 || ips.length > 2) {
    errors.push(invalidValue(path, whole, 'may specify no more than one IP for each IP family'));
  }
  for (const [i, ip] of ips.entries()) {
    if (ips.indexOf(ip) < i) errors.push(duplicate(`${path}[${i}]`, { ip }));
  }
  return errors;
}
