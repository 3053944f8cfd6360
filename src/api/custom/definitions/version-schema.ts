/** Validates the schema of a version: its root, its structure, its defaults and the cost of its CEL rules. */

import type { JSONSchemaProps } from '../../generated/types.gen.ts';
import { type FieldError, forbiddenField, invalidValue } from '../../validation/field-error.ts';
import { internalText } from '../../validation/internal-form.ts';
import { type StructuralSchema, structuralSchema } from '../structural-schema.ts';
import { validateDefaults } from './defaults.ts';
import { validateRuleCosts } from './rule-costs.ts';
import { validateSchemaRules } from './schema-rules.ts';
import type { Strictness } from './strictness.ts';
import { notStructural, validateStructural } from './structure.ts';

/** Fields that the root may have beside a status subresource, by Go's names and in its order. */
const allowedAtRoot =
  '[Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations]';
const forbiddenAtRoot = [
  'id',
  '$schema',
  '$ref',
  'nullable',
  'default',
  'maxProperties',
  'minProperties',
  'enum',
  'allOf',
  'oneOf',
  'anyOf',
  'not',
  'additionalProperties',
  'patternProperties',
  'dependencies',
  'additionalItems',
  'definitions',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
] as const;

/** Of the forbidden fields those that are pointers in Go: refused whatever their value. */
const pointersAtRoot: ReadonlySet<string> = new Set([
  '$ref',
  'default',
  'additionalProperties',
  'additionalItems',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
]);

export function validateVersionSchema(
  schema: JSONSchemaProps,
  isWithStatus: boolean,
  path: string,
  strictness: Strictness,
): FieldError[] {
  const errors = isWithStatus ? validateRoot(schema, path) : [];
  if (schema.nullable) errors.push(forbiddenField(`${path}.nullable`, 'nullable cannot be true at the root'));
  const notReadable = notStructural(schema);
  if (notReadable === undefined) {
    const wrong = validateStructural(schema, path);
    errors.push(
      ...(wrong.length > 0
        ? wrong
        : validateDefaults(rootSchema(schema), path, strictness.requiresPrunedDefaults)),
    );
  }
  errors.push(...validateSchemaRules(schema, path, strictness));
  if (errors.length === 0 && notReadable === undefined) {
    const isUnchanged = () => strictness.knownSchemas.has(JSON.stringify(schema));
    errors.push(...validateRuleCosts(schema, path, isUnchanged));
  }
  if (errors.length === 0 && notReadable !== undefined) errors.push(invalidValue(path, '', notReadable));
  return errors;
}

/** A default of the whole object needs apiVersion and kind, as an embedded one. */
function rootSchema(schema: JSONSchemaProps): StructuralSchema {
  const root = structuralSchema(schema);
  const below = { ...root.below, hasEmbeddedResources: true };
  return { ...root, isEmbeddedResource: true, below };
}

function validateRoot(schema: JSONSchemaProps, path: string): FieldError[] {
  const { type = '' } = schema;
  if (type !== '' && type !== 'object') {
    const text =
      'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    return [invalidValue(`${path}.type`, type, text)];
  }
  const isGiven = (field: (typeof forbiddenAtRoot)[number]) => {
    const value = schema[field];
    return value !== undefined && (pointersAtRoot.has(field) || (value !== false && value !== ''));
  };
  if (!forbiddenAtRoot.some(isGiven)) return [];
  const text = `only ${allowedAtRoot} fields are allowed at the root of the schema if the status subresource is enabled`;
  return [invalidValue(path, internalText(schema, 'apiextensions.JSONSchemaProps'), text)];
}
