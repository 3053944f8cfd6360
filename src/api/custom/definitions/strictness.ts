/** How strictly a definition is validated: violations that the old definition has already may stay. */

import type { CustomResourceDefinition, JSONSchemaProps } from '../../generated/types.gen.ts';
import { isConditionTrue } from '../../meta/conditions.ts';
import { structuralSchema } from '../structural-schema.ts';
import { hasBadCaBundle, hasKnownReview } from './conversion.ts';
import { hasUnknownInDefaults } from './defaults.ts';
import { ofListKeys, ofSetItems } from './list-rules.ts';
import { type SchemaStrictness, schemaTypes } from './schema-rules.ts';
import { selectableFieldsMax } from './selectable-fields.ts';
import { notStructural, schemasBelow, validateStructural } from './structure.ts';

export interface Strictness extends SchemaStrictness {
  readonly requiresSchema: boolean;
  readonly requiresPrunedDefaults: boolean;
  readonly requiresKnownReview: boolean;
  /** Until a definition is established it may have a CA bundle that cannot be used. */
  readonly requiresCaBundle: boolean;
  readonly requiresSameNames: boolean;
  /** Names of versions that may keep too many selectable fields. */
  readonly versionsWithManyFields: ReadonlySet<string>;
  /** Schemas whose rules may exceed the cost limits, as JSON. */
  readonly knownSchemas: ReadonlySet<string>;
}

export const strict: Strictness = {
  requiresSchema: true,
  requiresPrunedDefaults: true,
  requiresKnownTypes: true,
  requiresAtomicSets: true,
  requiresListKeys: true,
  requiresKnownReview: true,
  requiresCaBundle: false,
  requiresSameNames: false,
  versionsWithManyFields: new Set(),
  knownSchemas: new Set(),
};

export function strictnessAfter(old: CustomResourceDefinition): Strictness {
  const { versions = [], conversion } = old.spec ?? {};
  const schemas = versions.map(({ schema }) => schema?.openAPIV3Schema);
  const some = (has: (schema: JSONSchemaProps) => boolean) =>
    schemas.some((schema) => schema && hasSchema(schema, has));
  return {
    requiresSchema: schemas.every((schema) => schema !== undefined),
    requiresPrunedDefaults: !schemas.some((schema) => schema && hasUnprunedDefaults(schema)),
    requiresKnownTypes: !some(({ type }) => Boolean(type) && !schemaTypes.includes(type!)),
    requiresAtomicSets: !some((schema) => ofSetItems(schema, '').length > 0),
    requiresListKeys: !some((schema) => ofListKeys(schema, '').length > 0),
    requiresKnownReview: hasKnownReview(conversion),
    requiresCaBundle: isConditionTrue(old.status, 'Established') && !hasBadCaBundle(conversion),
    requiresSameNames: isConditionTrue(old.status, 'Established'),
    knownSchemas: new Set(schemas.map((schema) => JSON.stringify(schema))),
    versionsWithManyFields: new Set(
      versions
        .filter(({ selectableFields = [] }) => selectableFields.length > selectableFieldsMax)
        .map(({ name }) => name),
    ),
  };
}

export function hasSchema(schema: JSONSchemaProps, has: (schema: JSONSchemaProps) => boolean): boolean {
  return has(schema) || schemasBelow(schema).some((below) => hasSchema(below, has));
}

function hasUnprunedDefaults(schema: JSONSchemaProps): boolean {
  if (notStructural(schema) !== undefined || validateStructural(schema, '').length > 0) return false;
  return hasUnknownInDefaults(structuralSchema(schema));
}
