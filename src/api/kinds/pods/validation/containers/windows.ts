/** Validation of pods for Windows: fields that they must not have, and fields that only they may have. */

import { isJsonObject } from '#wire/json/value.ts';
import type { PodSpec, WindowsSecurityContextOptions } from '../../../../generated/types.gen.ts';
import { type FieldError, forbiddenField, invalidValue } from '../../../../validation/field-error.ts';
import { byteLength, dns1123Subdomain } from '../../../../validation/validators.ts';
import { visitContainers } from './lists.ts';

const credentialSpecMaxKiB = 64;
const domainMaxBytes = 255;
const userMaxBytes = 104;

export function validateWindowsOptions(
  options: WindowsSecurityContextOptions | undefined,
  path: string,
): FieldError[] {
  if (!options) return [];
  const { gmsaCredentialSpecName: specName, gmsaCredentialSpec: spec, runAsUserName: user } = options;
  const errors: FieldError[] = [];
  if (specName !== undefined) {
    const wrong = dns1123Subdomain(specName);
    errors.push(...wrong.map((text) => invalidValue(`${path}.gmsaCredentialSpecName`, specName, text)));
  }
  if (spec === '') {
    const text = 'gmsaCredentialSpec cannot be an empty string';
    errors.push(invalidValue(`${path}.gmsaCredentialSpec`, spec, text));
  } else if (spec !== undefined && byteLength(spec) > credentialSpecMaxKiB * 1024) {
    const text = `gmsaCredentialSpec size must be under ${credentialSpecMaxKiB} KiB`;
    errors.push(invalidValue(`${path}.gmsaCredentialSpec`, spec, text));
  }
  if (user !== undefined) {
    const wrong = wrongUserName(user);
    errors.push(...wrong.map((text) => invalidValue(`${path}.runAsUserName`, user, `runAsUserName${text}`)));
  }
  return errors;
}

const netBiosName = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const dnsLabel = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const dnsName = new RegExp(`^${dnsLabel}(?:\\.${dnsLabel})*$`);
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const controlCharacter = /[\x00-\x1f\x7f]/;

/** `DOMAIN\user` or `user`. */
function wrongUserName(name: string): string[] {
  if (name === '') return [' cannot be an empty string'];
  if (controlCharacter.test(name)) return [' cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return [' cannot contain more than one backslash'];
  const user = parts.at(-1)!;
  const errors = parts.length === 2 ? wrongDomain(parts[0]!) : [];
  if (user === '') errors.push("'s User cannot be empty");
  else if (byteLength(user) > userMaxBytes) {
    errors.push(`'s User length must not be longer than ${userMaxBytes} characters`);
  }
  if (/^[. ]+$/.test(user)) errors.push("'s User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    errors.push(`'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]`);
  }
  return errors;
}

function wrongDomain(domain: string): string[] {
  const errors: string[] = [];
  if (byteLength(domain) > domainMaxBytes) {
    errors.push(`'s Domain length must be under ${domainMaxBytes + 1} characters`);
  }
  if (!netBiosName.test(domain) && !dnsName.test(domain)) {
    errors.push("'s Domain doesn't match the NetBios nor the DNS format");
  }
  return errors;
}

/** HostProcess containers: all of a pod's or none, and with hostNetwork. */
export function validateHostProcess(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  let containers = 0;
  let hostProcesses = 0;
  visitContainers(spec, path, (container, at) => {
    containers++;
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (own ?? ofPod) hostProcesses++;
    if (ofPod === undefined || own === undefined || own === ofPod) return;
    const text = `pod hostProcess value must be identical if both are specified, was ${ofPod}`;
    errors.push(invalidValue(`${at}.securityContext.windowsOptions.hostProcess`, own, text));
  });
  if (hostProcesses === 0) return errors;
  if (hostProcesses !== containers) {
    const text =
      'If pod contains any hostProcess containers then all containers must be HostProcess containers';
    errors.push(invalidValue(path, '', text));
  }
  if (!spec.hostNetwork) {
    const text = 'hostNetwork must be true if pod contains any hostProcess containers';
    errors.push(invalidValue(`${path}.hostNetwork`, false, text));
  }
  return errors;
}

const forLinux = 'windows options cannot be set for a linux pod';

export function validateLinuxPod(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.securityContext?.windowsOptions) {
    errors.push(forbiddenField(`${path}.securityContext.windowsOptions`, forLinux));
  }
  visitContainers(spec, path, (container, at) => {
    if (!container.securityContext?.windowsOptions) return;
    errors.push(forbiddenField(`${at}.securityContext.windowsOptions`, forLinux));
  });
  return errors;
}

const forWindows = 'cannot be set for a windows pod';

/** In upstream's order. */
const notInWindowsPods = [
  'securityContext.appArmorProfile',
  'securityContext.seLinuxOptions',
  'hostUsers',
  'hostPID',
  'hostIPC',
  'securityContext.seccompProfile',
  'securityContext.fsGroup',
  'securityContext.fsGroupChangePolicy',
  'securityContext.sysctls',
  'shareProcessNamespace',
  'securityContext.runAsUser',
  'securityContext.runAsGroup',
  'securityContext.supplementalGroups',
  'securityContext.supplementalGroupsPolicy',
  'securityContext.seLinuxChangePolicy',
];

const notInWindowsContainers = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const;

export function validateWindowsPod(spec: PodSpec, path: string): FieldError[] {
  const errors = notInWindowsPods
    .filter((field) => isSet(spec, field))
    .map((field) => forbiddenField(`${path}.${field}`, forWindows));
  visitContainers(spec, path, (container, at) => {
    for (const key of notInWindowsContainers) {
      if (container.securityContext?.[key] === undefined) continue;
      errors.push(forbiddenField(`${at}.securityContext.${key}`, forWindows));
    }
  });
  return errors;
}

function isSet(spec: PodSpec, field: string): boolean {
  let value: unknown = spec;
  for (const key of field.split('.')) value = isJsonObject(value) ? value[key] : undefined;
  // These two are plain booleans in Go; the others must not even be set to false.
  if (field === 'hostPID' || field === 'hostIPC') return value === true;
  const isEmptyList = field === 'securityContext.sysctls' && (value as unknown[] | undefined)?.length === 0;
  return value !== undefined && !isEmptyList;
}
