/** Security contexts of pods and containers. */

import type {
  AppArmorProfile,
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
  SecurityContext,
} from '../../../../generated/types.gen.ts';
import { checkOneOfIfGiven } from '../../../../validation/field-checks.ts';
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  required,
  tooLong,
} from '../../../../validation/field-error.ts';
import { internalText } from '../../../../validation/internal-form.ts';
import { byteLength, userOrGroupId } from '../../../../validation/validators.ts';
import { checkDescendingPath } from '../paths.ts';
import { visitContainers } from './lists.ts';
import { validateWindowsOptions } from './windows.ts';

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];

function checkId(field: string, id: number | undefined): FieldError[] {
  if (id === undefined) return [];
  return userOrGroupId(id).map((text) => invalidValue(field, id, text));
}

export function validatePodSecurityContext(spec: PodSpec, path: string): FieldError[] {
  const context = spec.securityContext;
  if (!context) return [];
  const errors: FieldError[] = [];
  for (const key of ['fsGroup', 'runAsUser', 'runAsGroup'] as const) {
    errors.push(...checkId(`${path}.${key}`, context[key]));
  }
  for (const [i, id] of (context.supplementalGroups ?? []).entries()) {
    errors.push(...checkId(`${path}.supplementalGroups[${i}]`, id));
  }
  if (spec.shareProcessNamespace && spec.hostPID) {
    const text = 'ShareProcessNamespace and HostPID cannot both be enabled';
    errors.push(invalidValue(`${path}.shareProcessNamespace`, true, text));
  }
  errors.push(...validateSysctls(context, spec, `${path}.sysctls`));
  errors.push(
    ...checkOneOfIfGiven(`${path}.fsGroupChangePolicy`, context.fsGroupChangePolicy, [
      'Always',
      'OnRootMismatch',
    ]),
    ...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`),
    ...validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`),
    ...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`),
    ...checkOneOfIfGiven(`${path}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, [
      'Merge',
      'Strict',
    ]),
    ...checkOneOfIfGiven(`${path}.seLinuxChangePolicy`, context.seLinuxChangePolicy, [
      // `MountOption` needs the feature gate SELinuxMount, which is off by default.
      'Recursive',
    ]),
  );
  return errors;
}

const sysctlFormat = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$';
const sysctlPattern = new RegExp(sysctlFormat);

function validateSysctls(context: PodSecurityContext, spec: PodSpec, path: string): FieldError[] {
  if (!context.sysctls?.length) return [];
  const seen = new Set<string>();
  return context.sysctls.flatMap(({ name }, i) => {
    const at = `${path}[${i}].name`;
    const errors: FieldError[] = [];
    if (!name) errors.push(required(at));
    else if (name.length > 253 || !sysctlPattern.test(name)) {
      errors.push(invalidValue(at, name, `must have at most 253 characters and match regex ${sysctlFormat}`));
    } else if (seen.has(name)) errors.push(duplicate(at, name));
    seen.add(name);
    const dotted = (name ?? '').replaceAll('/', '.');
    if (spec.hostNetwork && dotted.startsWith('net.')) {
      errors.push(invalidValue(at, name, "may not be specified when 'hostNetwork' is true"));
    } else if (spec.hostIPC && isIpcSysctl(dotted)) {
      errors.push(invalidValue(at, name, "may not be specified when 'hostIPC' is true"));
    }
    return errors;
  });
}

function isIpcSysctl(name: string): boolean {
  return name === 'kernel.sem' || /^(kernel\.shm|kernel\.msg|fs\.mqueue\.)/.test(name);
}

function validateSeccomp(profile: SeccompProfile | undefined, path: string): FieldError[] {
  if (!profile) return [];
  const errors: FieldError[] = [];
  if (!profile.type) errors.push(required(`${path}.type`, 'type is required when seccompProfile is set'));
  else errors.push(...checkOneOfIfGiven(`${path}.type`, profile.type, profileTypes));
  const file = profile.localhostProfile;
  if (profile.type !== 'Localhost') {
    if (file !== undefined) {
      const text = 'can only be set when seccomp type is Localhost';
      errors.push(invalidValue(`${path}.localhostProfile`, internalText(profile, 'SeccompProfile'), text));
    }
  } else if (file === undefined) {
    errors.push(required(`${path}.localhostProfile`, 'must be set when seccomp type is Localhost'));
  } else {
    errors.push(...checkDescendingPath(`${path}.localhostProfile`, file));
  }
  return errors;
}

const pathMaxBytes = 4095;

export function validateAppArmor(profile: AppArmorProfile | undefined, path: string): FieldError[] {
  if (!profile) return [];
  const at = `${path}.localhostProfile`;
  const file = profile.localhostProfile;
  if (!profile.type) return [required(`${path}.type`, 'type is required when appArmorProfile is set')];
  if (!profileTypes.includes(profile.type)) {
    return checkOneOfIfGiven(`${path}.type`, profile.type, profileTypes);
  }
  if (profile.type !== 'Localhost') {
    if (file === undefined) return [];
    return [invalidValue(at, file, 'can only be set when AppArmor type is Localhost')];
  }
  const errors: FieldError[] = [];
  if (!file) errors.push(required(at, 'must be set when AppArmor type is Localhost'));
  else if (file.trim() !== file) errors.push(invalidValue(at, file, 'must not be padded with whitespace'));
  if (file !== undefined && byteLength(file) > pathMaxBytes) errors.push(tooLong(at, pathMaxBytes));
  return errors;
}

export function validateSecurityContext(
  context: SecurityContext | undefined,
  hostUsers: boolean,
  path: string,
): FieldError[] {
  if (!context) return [];
  const errors = [
    ...checkId(`${path}.runAsUser`, context.runAsUser),
    ...checkId(`${path}.runAsGroup`, context.runAsGroup),
    ...checkOneOfIfGiven(`${path}.procMount`, context.procMount, ['Default', 'Unmasked']),
  ];
  if (hostUsers && context.procMount === 'Unmasked') {
    errors.push(invalidValue(`${path}.procMount`, 'Unmasked', '`hostUsers` must be false to use `Unmasked`'));
  }
  errors.push(...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`));
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged) {
      const text = 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true';
      errors.push(invalidValue(path, internalText(context, 'SecurityContext'), text));
    }
    for (const capability of context.capabilities?.add ?? []) {
      if (capability !== 'CAP_SYS_ADMIN') continue;
      const text = 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN';
      errors.push(invalidValue(path, internalText(context, 'SecurityContext'), text));
    }
  }
  return [
    ...errors,
    ...validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`),
    ...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`),
  ];
}

/** A pod with its own user namespace must not share the host's other namespaces, and cannot have devices. */
export function validateHostUsers(spec: PodSpec, path: string): FieldError[] {
  if (spec.hostUsers !== false) return [];
  const text = 'when `hostUsers` is false';
  const errors: FieldError[] = [];
  if (spec.hostNetwork) errors.push(forbiddenField(`${path}.hostNetwork`, text));
  if (spec.hostPID) errors.push(forbiddenField(`${path}.HostPID`, text));
  if (spec.hostIPC) errors.push(forbiddenField(`${path}.HostIPC`, text));
  visitContainers(spec, path, (container, at) => {
    if (container.volumeDevices?.length) errors.push(forbiddenField(`${at}.volumeDevices`, text));
  });
  return errors;
}
