/** Validation of a CustomResourceDefinition, in upstream's order and with the paths of its internal form. */

import type {
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
} from '../../generated/types.gen.ts';
import type { NameRule } from '../../meta/validation.ts';
import { checkImmutable, checkOneOf } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue, required } from '../../validation/field-error.ts';
import { dns1123Subdomain } from '../../validation/validators.ts';
import { validateApproval } from './approval.ts';
import { validateColumn, validateSubresources } from './columns.ts';
import { validateConversion } from './conversion.ts';
import { type InternalSpec, internalSpec, type SharedParts, shownVersions } from './internal-spec.ts';
import { checkLabel, validateNames, validateNeededNames } from './names.ts';
import { refuseExpensive } from './refuse-expensive.ts';
import { validateSelectableFields } from './selectable-fields.ts';
import { validateStoredVersions } from './stored-versions.ts';
import { type Strictness, strict, strictnessAfter } from './strictness.ts';
import { validateVersionSchema } from './version-schema.ts';

export function validateDefinition(definition: CustomResourceDefinition): FieldError[] {
  const { spec, status } = definition;
  const path = 'spec';
  refuseExpensive(spec);
  return [
    ...validateSpec(spec, path, strict),
    ...validateNames(status?.acceptedNames ?? {}, 'status.acceptedNames'),
    ...validateStoredVersions(status?.storedVersions ?? [], spec.versions ?? []),
    ...validateApproval(definition, undefined),
    ...validatePreservation(spec),
  ];
}

export function validateDefinitionUpdate(
  now: CustomResourceDefinition,
  old: CustomResourceDefinition,
): FieldError[] {
  const { spec, status } = now;
  refuseExpensive(spec, old.spec);
  const strictness = strictnessAfter(old);
  const errors = validateSpec(spec, 'spec', strictness);
  if (strictness.requiresSameNames) {
    errors.push(...checkImmutable('spec.scope', spec.scope ?? '', old.spec.scope));
    errors.push(...checkImmutable('spec.names.kind', spec.names?.kind ?? '', old.spec.names?.kind));
  }
  return [
    ...errors,
    ...checkImmutable('spec.group', spec.group ?? '', old.spec.group),
    ...checkImmutable('spec.names.plural', spec.names?.plural ?? '', old.spec.names?.plural),
    ...validateNames(status?.acceptedNames ?? {}, 'status.acceptedNames'),
    ...validateStoredVersions(status?.storedVersions ?? [], spec.versions ?? []),
    ...validateApproval(now, old),
    ...(old.spec.preserveUnknownFields ? [] : validatePreservation(spec)),
  ];
}

export function validateDefinitionStatus({ status }: CustomResourceDefinition): FieldError[] {
  return validateNames(status?.acceptedNames ?? {}, 'status.acceptedNames');
}

export function definitionNameRule({ spec }: CustomResourceDefinition): NameRule {
  const wanted = `${spec.names?.plural ?? ''}.${spec.group ?? ''}`;
  return (name) => [
    ...dns1123Subdomain(name),
    ...(name === wanted ? [] : ['must be spec.names.plural+"."+spec.group']),
  ];
}

function validatePreservation({ preserveUnknownFields }: CustomResourceDefinitionSpec): FieldError[] {
  if (!preserveUnknownFields) return [];
  const text =
    'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
  return [invalidValue('spec.preserveUnknownFields', true, text)];
}

function validateSpec(
  spec: CustomResourceDefinitionSpec,
  path: string,
  strictness: Strictness,
): FieldError[] {
  const internal = internalSpec(spec);
  const { versions } = internal;
  return [
    ...validateGroup(spec.group ?? '', `${path}.group`),
    ...checkOneOf(`${path}.scope`, spec.scope, ['Cluster', 'Namespaced']),
    ...validateSchemasGiven(internal, path, strictness),
    ...versions.flatMap((version, i) =>
      validateVersion(version, internal, `${path}.versions[${i}]`, strictness),
    ),
    ...validateVersionList(internal, path),
    ...validateNeededNames(spec.names ?? {}, `${path}.names`),
    ...validateNames(spec.names ?? {}, `${path}.names`),
    ...validateParts(
      internal,
      { hasStatus: hasStatus(internal), version: '' },
      path,
      'validation',
      strictness,
    ),
    ...(spec.conversion ? validateConversion(spec.conversion, `${path}.conversion`, strictness) : []),
  ];
}

function validateGroup(group: string, path: string): FieldError[] {
  if (group === '') return [required(path)];
  const wrong = dns1123Subdomain(group);
  if (wrong.length > 0) return [invalidValue(path, group, wrong.join(','))];
  return group.includes('.') ? [] : [invalidValue(path, group, 'should be a domain with at least one dot')];
}

function validateSchemasGiven(
  { schema, versions }: InternalSpec,
  path: string,
  { requiresSchema }: Strictness,
): FieldError[] {
  if (schema?.openAPIV3Schema) return [];
  return versions.flatMap((version, i) => {
    if (version.schema?.openAPIV3Schema) return [];
    const at = `${path}.versions[${i}].schema.openAPIV3Schema`;
    if (requiresSchema) return [required(at)];
    return version.served ? [required(at, 'because otherwise all fields are pruned')] : [];
  });
}

function validateVersion(
  version: CustomResourceDefinitionVersion,
  internal: InternalSpec,
  path: string,
  strictness: Strictness,
): FieldError[] {
  const { name = '' } = version;
  const subresources = version.subresources ?? internal.subresources;
  return [
    ...checkLabel(`${path}.name`, name),
    ...validateDeprecation(version, `${path}.deprecationWarning`),
    ...validateParts(
      version,
      { hasStatus: subresources?.status !== undefined, version: name },
      path,
      'schema',
      strictness,
    ),
  ];
}

const warningMaxLength = 256;

function validateDeprecation(
  { deprecated, deprecationWarning: warning }: CustomResourceDefinitionVersion,
  path: string,
): FieldError[] {
  if (warning === undefined) return [];
  const say = (text: string) => invalidValue(path, warning, text);
  if (!deprecated) return [say('can only be set for deprecated versions')];
  const errors: FieldError[] = [];
  if (Buffer.byteLength(warning) > warningMaxLength) errors.push(say('must be <= 256 characters long'));
  if (warning === '') errors.push(say('must not be an empty string'));
  const at = warning.search(/[^\P{C}]|[^\P{Z} ]/u);
  if (at >= 0) {
    const place = Buffer.byteLength(warning.slice(0, at));
    errors.push(
      say(`must only contain printable UTF-8 characters; non-printable character found at index ${place}`),
    );
  }
  return errors;
}

interface PartsOf {
  readonly hasStatus: boolean;
  readonly version: string;
}

/** What upstream says of selectable fields without a schema, the first of them the wrong way round. */
const withoutSchema = {
  schema: 'may only be set when `version.schema.openAPIV3Schema` is not included',
  validation: 'may only be set when validations.schema is included',
};

/** The parts that a single version has, or that all versions share. */
function validateParts(
  { schema, subresources, additionalPrinterColumns = [], selectableFields = [] }: SharedParts,
  { hasStatus, version }: PartsOf,
  path: string,
  schemaField: 'schema' | 'validation',
  strictness: Strictness,
): FieldError[] {
  const root = schema?.openAPIV3Schema;
  const errors = root
    ? validateVersionSchema(root, hasStatus, `${path}.${schemaField}.openAPIV3Schema`, strictness)
    : [];
  if (subresources) errors.push(...validateSubresources(subresources, `${path}.subresources`));
  for (const [i, column] of additionalPrinterColumns.entries()) {
    errors.push(...validateColumn(column, `${path}.additionalPrinterColumns[${i}]`));
  }
  if (selectableFields.length > 0 && !root) {
    errors.push(invalidValue(`${path}.selectableFields`, '', withoutSchema[schemaField]));
  } else if (selectableFields.length > 0 && root) {
    const hasMany =
      strictness.versionsWithManyFields.has(version) || strictness.versionsWithManyFields.has('');
    errors.push(...validateSelectableFields(selectableFields, root, `${path}.selectableFields`, hasMany));
  }
  return errors;
}

function hasStatus({ subresources, versions }: InternalSpec): boolean {
  const has = (given: CustomResourceSubresources | undefined) => given?.status !== undefined;
  return has(subresources) || versions.some((version) => has(version.subresources));
}

function validateVersionList({ versions }: InternalSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const say = (text: string) => errors.push(invalidValue(`${path}.versions`, shownVersions(versions), text));
  if (new Set(versions.map(({ name }) => name)).size < versions.length) {
    say('must contain unique version names');
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    say('must have exactly one version marked as storage version');
  }
  // Upstream's internal form names the first version once more.
  const first = versions[0]?.name;
  return first ? [...errors, ...checkLabel(`${path}.version`, first)] : errors;
}
