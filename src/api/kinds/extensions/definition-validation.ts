/** Validation of a CustomResourceDefinition before its resources are served. */

import type { CustomResourceDefinition, CustomResourceDefinitionNames } from '../../generated/types.gen.ts';
import { isConditionTrue } from '../../meta/conditions.ts';
import { checkField, checkImmutable, checkOneOf } from '../../validation/field-checks.ts';
import { duplicate, type FieldError, invalidValue, required } from '../../validation/field-error.ts';
import { dns1035Label, dns1123Subdomain } from '../../validation/validators.ts';

export function validateDefinition(definition: CustomResourceDefinition): FieldError[] {
  const spec = definition.spec ?? {};
  const errors: FieldError[] = [];
  const names = spec.names ?? {};
  const expected = `${names.plural ?? ''}.${spec.group ?? ''}`;
  const name = definition.metadata?.name ?? '';
  if (name !== expected) {
    errors.push(invalidValue('metadata.name', name, 'must be spec.names.plural+"."+spec.group'));
  }
  if (!spec.group) errors.push(required('spec.group'));
  else {
    errors.push(...checkField('spec.group', spec.group, dns1123Subdomain));
    if (!spec.group.includes('.')) {
      errors.push(invalidValue('spec.group', spec.group, 'should be a domain with at least one dot'));
    }
  }
  errors.push(...checkOneOf('spec.scope', spec.scope, ['Cluster', 'Namespaced']));
  return [...errors, ...validateVersions(definition), ...validateNames(names)];
}

function validateVersions({ spec }: CustomResourceDefinition): FieldError[] {
  const versions = spec?.versions ?? [];
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, version] of versions.entries()) {
    const at = `spec.versions[${i}]`;
    errors.push(...checkField(`${at}.name`, version.name ?? '', dns1035Label));
    if (seen.has(version.name)) errors.push(duplicate(`${at}.name`, version.name));
    seen.add(version.name);
    if (!version.schema?.openAPIV3Schema) {
      errors.push(required(`${at}.schema.openAPIV3Schema`, 'schemas are required'));
    }
  }
  if (versions.filter((version) => version.storage).length !== 1) {
    const text = 'must have exactly one version marked as storage version';
    errors.push(invalidValue('spec.versions', versions, text));
  }
  return errors;
}

function validateNames(names: Partial<CustomResourceDefinitionNames>): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of ['plural', 'singular', 'kind', 'listKind'] as const) {
    const field = `spec.names.${key}`;
    const value = names[key];
    if (!value) {
      if (key !== 'singular') errors.push(required(field));
      continue;
    }
    const text = key === 'kind' || key === 'listKind' ? value.toLowerCase() : value;
    for (const wrong of dns1035Label(text)) {
      const problem = text === value ? wrong : `may have mixed case, but should otherwise match: ${wrong}`;
      errors.push(invalidValue(field, value, problem));
    }
  }
  for (const [i, name] of (names.shortNames ?? []).entries()) {
    errors.push(...checkField(`spec.names.shortNames[${i}]`, name, dns1035Label));
  }
  for (const [i, name] of (names.categories ?? []).entries()) {
    errors.push(...checkField(`spec.names.categories[${i}]`, name, dns1035Label));
  }
  if (names.kind && names.kind === names.listKind) {
    errors.push(invalidValue('spec.names.listKind', names.listKind, 'kind and listKind may not be the same'));
  }
  return errors;
}

/** Once it is established, its names are immutable. */
export function validateDefinitionUpdate(
  now: CustomResourceDefinition,
  old: CustomResourceDefinition,
): FieldError[] {
  const errors = validateDefinition(now);
  errors.push(...checkImmutable('spec.group', now.spec?.group, old.spec?.group));
  errors.push(...checkImmutable('spec.names.plural', now.spec?.names?.plural, old.spec?.names?.plural));
  const isEstablished = isConditionTrue(old.status, 'Established');
  if (!isEstablished) return errors;
  errors.push(...checkImmutable('spec.scope', now.spec?.scope, old.spec?.scope));
  return [...errors, ...checkImmutable('spec.names.kind', now.spec?.names?.kind, old.spec?.names?.kind)];
}
