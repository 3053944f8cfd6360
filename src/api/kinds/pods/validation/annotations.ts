/** Annotations of a pod that are validated: mirror, deletion cost, and the old security profiles. */

import { ownValue } from '#base/own-value.ts';
import type { AppArmorProfile, Pod, PodSpec, SeccompProfile } from '../../../generated/types.gen.ts';
import { mirrorAnnotation } from '../../../pods/mirror-pod.ts';
import { type FieldError, forbiddenField, invalidValue } from '../../../validation/field-error.ts';
import { allContainers, visitContainers } from './containers/lists.ts';
import { checkDescendingPath } from './paths.ts';

type Annotations = Record<string, string>;

const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost';
export const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';
export const seccompPodAnnotation = 'seccomp.security.alpha.kubernetes.io/pod';
export const seccompContainerPrefix = 'container.seccomp.security.alpha.kubernetes.io/';

const localhostPrefix = 'localhost/';

export function validatePodAnnotations(
  annotations: Annotations | undefined,
  spec: PodSpec,
  path: string,
  old?: Annotations,
): FieldError[] {
  if (!annotations) return [];
  const errors: FieldError[] = [];
  const containers = new Set(allContainers(spec).map((container) => container.name));
  const mirror = annotations[mirrorAnnotation];
  if (mirror !== undefined && !spec.nodeName) {
    const text = 'must set spec.nodeName if mirror pod annotation is set';
    errors.push(invalidValue(`${path}[${mirrorAnnotation}]`, mirror, text));
  }
  const cost = annotations[deletionCostAnnotation];
  // A pod with an invalid cost may keep an invalid one.
  if (!isDeletionCost(cost) && isDeletionCost(old?.[deletionCostAnnotation])) {
    errors.push(invalidValue(`${path}[${deletionCostAnnotation}]`, cost, 'must be a 32bit integer'));
  }
  for (const [key, profile] of Object.entries(annotations)) {
    if (key === seccompPodAnnotation || key.startsWith(seccompContainerPrefix)) {
      errors.push(...checkSeccomp(`${path}.${key}`, profile));
    }
  }
  for (const [key, profile] of Object.entries(annotations)) {
    if (key.startsWith(appArmorPrefix)) {
      errors.push(...checkAppArmor(`${path}[${key}]`, key, profile, containers));
    }
  }
  return errors;
}

function isDeletionCost(text: string | undefined): boolean {
  if (text === undefined) return true;
  return /^(0|-\d+|[1-9]\d*)$/.test(text) && Number(text) === (Number(text) | 0);
}

function checkSeccomp(field: string, profile: string): FieldError[] {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return [];
  if (profile.startsWith(localhostPrefix)) {
    return checkDescendingPath(field, profile.slice(localhostPrefix.length));
  }
  return [invalidValue(field, profile, 'must be a valid seccomp profile')];
}

function checkAppArmor(
  field: string,
  key: string,
  profile: string,
  containers: ReadonlySet<string>,
): FieldError[] {
  const name = key.slice(appArmorPrefix.length);
  const errors: FieldError[] = [];
  if (!containers.has(name)) errors.push(invalidValue(field, name, 'container not found'));
  const known = ['', 'runtime/default', 'unconfined'].includes(profile);
  if (!known && !profile.startsWith(localhostPrefix)) {
    errors.push(invalidValue(field, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`));
  }
  return errors;
}

/**
 * An existing pod cannot become a mirror pod or stop being one, and its AppArmor annotations are immutable.
 */
export function validateAnnotationUpdate(pod: Pod, old: Pod): FieldError[] {
  const [now, before] = [pod.metadata?.annotations ?? {}, old.metadata?.annotations ?? {}];
  const errors: FieldError[] = [];
  const forbid = (key: string, verb: string) => {
    const what = key === mirrorAnnotation ? 'mirror pod annotation' : 'AppArmor annotations';
    if (key !== mirrorAnnotation && !key.startsWith(appArmorPrefix)) return;
    errors.push(forbiddenField(`metadata.annotations[${key}]`, `may not ${verb} ${what}`));
  };
  for (const [key, value] of Object.entries(before)) if (now[key] !== value) forbid(key, 'remove or update');
  for (const key of Object.keys(now)) if (ownValue(before, key) === undefined) forbid(key, 'add');
  return [...errors, ...validatePodAnnotations(now, pod.spec!, 'metadata.annotations', before)];
}

/** If both the old annotation and the field name a profile, they must agree. */
export function checkProfilesAgree(
  annotations: Annotations | undefined,
  spec: PodSpec,
  path: string,
): FieldError[] {
  if (!annotations) return [];
  const { seccompProfile, appArmorProfile } = spec.securityContext ?? {};
  const at = `${path}.securityContext.seccompProfile`;
  const errors = checkSeccompAgrees(annotations[seccompPodAnnotation], seccompProfile, at);
  visitContainers(spec, path, (container, own) => {
    const annotation = annotations[seccompContainerPrefix + container.name];
    const field = `${own}.securityContext.seccompProfile`;
    errors.push(...checkSeccompAgrees(annotation, container.securityContext?.seccompProfile, field));
  });
  if (spec.os?.name === 'windows') return errors;
  visitContainers(spec, path, (container, own) => {
    const annotation = annotations[appArmorPrefix + container.name];
    const profile = container.securityContext?.appArmorProfile ?? appArmorProfile;
    const field = `${own}.securityContext.appArmorProfile`;
    errors.push(...checkAppArmorAgrees(annotation, profile, field));
  });
  return errors;
}

function checkSeccompAgrees(
  annotation: string | undefined,
  profile: SeccompProfile | undefined,
  path: string,
): FieldError[] {
  const defaults = ['runtime/default', 'docker/default'];
  return checkAgrees('seccomp', annotation, profile, defaults, path);
}

function checkAppArmorAgrees(
  annotation: string | undefined,
  profile: AppArmorProfile | undefined,
  path: string,
): FieldError[] {
  return checkAgrees('apparmor', annotation, profile, ['runtime/default'], path);
}

function checkAgrees(
  what: string,
  annotation: string | undefined,
  profile: { type: string; localhostProfile?: string } | undefined,
  defaults: readonly string[],
  path: string,
): FieldError[] {
  if (annotation === undefined || !profile) return [];
  const otherType = [forbiddenField(`${path}.type`, `${what} type in annotation and field must match`)];
  if (profile.type === 'Unconfined') return annotation === 'unconfined' ? [] : otherType;
  if (profile.type === 'RuntimeDefault') return defaults.includes(annotation) ? [] : otherType;
  if (profile.type !== 'Localhost') return [];
  if (!annotation.startsWith(localhostPrefix)) return otherType;
  if (annotation.slice(localhostPrefix.length) === profile.localhostProfile) return [];
  const text = `${what} profile in annotation and field must match`;
  return [forbiddenField(`${path}.localhostProfile`, text)];
}
