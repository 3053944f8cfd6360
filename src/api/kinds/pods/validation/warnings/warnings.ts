/** Warnings for the author of a pod: valid fields that are probably a mistake. Upstream's order. */

import { appendAll } from '#base/append-all.ts';
import type { Pod, PodSpec, PodTemplateSpec } from '../../../../generated/types.gen.ts';
import type { ObjectMeta } from '../../../../meta/object.ts';
import { addressWarnings } from '../../../../validation/ip-warnings.ts';
import { dns1123Label } from '../../../../validation/validators.ts';
import { appArmorPrefix, seccompContainerPrefix, seccompPodAnnotation } from '../annotations.ts';
import { visitContainers } from '../containers/lists.ts';
import { containerWarnings, fractionWarnings } from './containers.ts';
import { portWarnings } from './ports.ts';
import { labelWarnings, selectorWarnings } from './scheduling.ts';
import { volumeWarnings } from './volumes.ts';

type Annotations = Readonly<Record<string, string>>;

/** For the creation of a pod. */
export function podWarnings(pod: Pod): string[] {
  const warnings: string[] = [];
  const wrong = dns1123Label(pod.metadata?.name ?? '');
  if (wrong.length > 0) {
    warnings.push(
      `metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${wrong.join(' ')}]`,
    );
  }
  addWarnings(warnings, pod.spec, pod.metadata?.annotations, '');
  return warnings;
}

/** For the creation of an object with a template, and for changes of the template. */
export function templateWarnings(
  template: PodTemplateSpec | undefined,
  path: string,
  now: ObjectMeta | undefined,
  old: ObjectMeta | undefined,
): string[] {
  if (old && old.generation === now?.generation) return [];
  const warnings: string[] = [];
  addWarnings(warnings, template?.spec, template?.metadata?.annotations, `${path}.`);
  return warnings;
}

interface Workload {
  readonly metadata?: ObjectMeta;
  readonly spec?: { readonly template?: PodTemplateSpec };
}

/** As `templateWarnings`, for a kind with its template directly in its spec. */
export function workloadWarnings(now: Workload, old: Workload | undefined): string[] {
  return templateWarnings(now.spec?.template, 'spec.template', now.metadata, old?.metadata);
}

function addWarnings(
  warnings: string[],
  spec: PodSpec | undefined,
  annotations: Annotations | undefined,
  prefix: string,
): void {
  if (!spec) return;
  const path = `${prefix}spec`;
  appendAll(warnings, labelWarnings(spec, path));
  if (annotations) appendAll(warnings, oldAnnotationWarnings(annotations, `${prefix}metadata.annotations`));
  appendAll(warnings, volumeWarnings(spec.volumes, `${path}.volumes`), nameWarnings(spec, path));
  appendAll(warnings, fractionWarnings(spec.overhead, `${path}.overhead`));
  if (annotations) appendAll(warnings, profileWarnings(annotations, spec, prefix));
  visitContainers(spec, path, (container, at) => {
    appendAll(warnings, containerWarnings(container, at));
  });
  appendAll(warnings, portWarnings(spec, path));
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    const text = 'must be >= 0; negative values are invalid and will be treated as 1';
    warnings.push(`${path}.terminationGracePeriodSeconds: ${text}`);
  }
  appendAll(warnings, selectorWarnings(spec.affinity, `${path}.affinity`), ipWarnings(spec, path));
}

const oldAnnotations: Annotations = {
  'scheduler.alpha.kubernetes.io/critical-pod':
    'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};

function oldAnnotationWarnings(annotations: Annotations, path: string): string[] {
  const warnings: string[] = [];
  for (const key in oldAnnotations) {
    if (annotations[key] !== undefined) warnings.push(`${path}[${key}]: ${oldAnnotations[key]}`);
  }
  return warnings;
}

function nameWarnings({ hostAliases = [], imagePullSecrets = [] }: PodSpec, path: string): string[] {
  const warnings = [
    ...repeated(hostAliases, 'ip', `${path}.hostAliases`),
    ...repeated(imagePullSecrets, 'name', `${path}.imagePullSecrets`),
  ];
  for (const [i, { name }] of imagePullSecrets.entries()) {
    if (!name) warnings.push(`${path}.imagePullSecrets[${i}].name: invalid empty name ""`);
  }
  return warnings;
}

function repeated<Key extends string>(list: { [key in Key]?: string }[], key: Key, path: string): string[] {
  if (list.length < 2) return [];
  const seen = new Set<string>();
  return list.flatMap((entry, i) => {
    const value = entry[key] ?? '';
    if (seen.has(value)) return [`${path}[${i}].${key}: duplicate ${key} ${JSON.stringify(value)}`];
    seen.add(value);
    return [];
  });
}

/** Profiles in annotations only. A pod's own AppArmor annotations cause a warning when they become fields. */
function profileWarnings(annotations: Annotations, spec: PodSpec, prefix: string): string[] {
  const warnings: string[] = [];
  const warn = (key: string, text: string) => {
    if (annotations[key] !== undefined) warnings.push(`${prefix}metadata.annotations[${key}]: ${text}`);
  };
  const seccompText = 'non-functional in v1.27+; use the "seccompProfile" field instead';
  if (!spec.securityContext?.seccompProfile) warn(seccompPodAnnotation, seccompText);
  visitContainers(spec, '', ({ name, securityContext }) => {
    if (!securityContext?.seccompProfile) warn(seccompContainerPrefix + name, seccompText);
    const profile = securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
    if (prefix === '' || profile) return;
    warn(appArmorPrefix + name, 'deprecated since v1.30; use the "appArmorProfile" field instead');
  });
  return warnings;
}

function ipWarnings({ dnsConfig, hostAliases = [] }: PodSpec, path: string): string[] {
  return [
    ...(dnsConfig?.nameservers ?? []).flatMap((ip, i) =>
      addressWarnings(`${path}.dnsConfig.nameservers[${i}]`, ip),
    ),
    ...hostAliases.flatMap(({ ip = '' }, i) => addressWarnings(`${path}.hostAliases[${i}].ip`, ip)),
  ];
}
