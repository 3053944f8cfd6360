/** Reads a PodSecurityConfiguration: the policy of namespaces without labels, and exemptions. */

import { type ConfigTypes, readStrictDocument } from '#api/configuration/config-file.ts';
import { aggregateText } from '#api/go/aggregate.ts';
import { duplicate, type FieldError, fieldErrorMessage, invalidValue } from '#api/validation/field-error.ts';
import { repeats } from '#api/validation/repeats.ts';
import { dns1123Label, dns1123Subdomain } from '#api/validation/validators.ts';
import type { Level } from './checks.ts';
import { allPrivileged, isLevel, isVersion, levelRule, type Policy, versionRule } from './policy.ts';

export interface PodSecuritySettings {
  readonly defaults: Policy;
  readonly exemptions: Exemptions;
}

export interface Exemptions {
  readonly usernames: readonly string[];
  readonly namespaces: readonly string[];
  readonly runtimeClasses: readonly string[];
}

const noExemptions: Exemptions = { usernames: [], namespaces: [], runtimeClasses: [] };
export const defaultPodSecurity: PodSecuritySettings = { defaults: allPrivileged, exemptions: noExemptions };

const types: ConfigTypes = {
  PodSecurityConfiguration: { defaults: '#Defaults', exemptions: '#Exemptions' },
  Defaults: {
    enforce: 'string',
    'enforce-version': 'string',
    audit: 'string',
    'audit-version': 'string',
    warn: 'string',
    'warn-version': 'string',
  },
  Exemptions: { usernames: '[]string', namespaces: '[]string', runtimeClasses: '[]string' },
};
const format = {
  group: 'pod-security.admission.config.k8s.io',
  versions: ['v1', 'v1beta1', 'v1alpha1'],
  kind: 'PodSecurityConfiguration',
  types,
};

interface Written {
  readonly defaults?: Readonly<Record<string, string>>;
  readonly exemptions?: Partial<Exemptions>;
}

/** Throws an Error with all problems. */
export function readPodSecurity(document: unknown): PodSecuritySettings {
  const { defaults = {}, exemptions = {} } = readStrictDocument(document, format) as Written;
  const defaultOf = (mode: string) => ({
    level: (defaults[mode] || 'privileged') as Level,
    version: defaults[`${mode}-version`] || 'latest',
  });
  const policy = { enforce: defaultOf('enforce'), warn: defaultOf('warn'), audit: defaultOf('audit') };
  const settings = { defaults: policy, exemptions: { ...noExemptions, ...exemptions } };
  const errors = [...checkDefaults(policy), ...checkExemptions(settings.exemptions)];
  if (errors.length > 0) throw new Error(aggregateText(errors.map(fieldErrorMessage)));
  return settings;
}

function checkDefaults(policy: Policy): FieldError[] {
  return Object.entries(policy).flatMap(([mode, { level, version }]: [string, Policy['enforce']]) => [
    ...(isLevel(level) ? [] : [invalidValue(`defaults.${mode}`, level, levelRule)]),
    ...(isVersion(version) ? [] : [invalidValue(`defaults.${mode}-version`, version, versionRule)]),
  ]);
}

function checkExemptions({ namespaces, runtimeClasses, usernames }: Exemptions): FieldError[] {
  const isGiven = (name: string) => (name === '' ? ['username must not be empty'] : []);
  return [
    ...checkNames('exemptions.namespaces', namespaces, dns1123Label),
    ...checkNames('exemptions.runtimeClasses', runtimeClasses, dns1123Subdomain),
    ...checkNames('exemptions.usernames', usernames, isGiven),
  ];
}

function checkNames(
  field: string,
  names: readonly string[],
  check: (name: string) => readonly string[],
): FieldError[] {
  const isRepeated = repeats(names);
  return names.flatMap((name, index) => {
    const problems = check(name);
    if (problems.length > 0) return [invalidValue(`${field}[${index}]`, name, problems.join(', '))];
    return isRepeated[index] ? [duplicate(`${field}[${index}]`, name)] : [];
  });
}
