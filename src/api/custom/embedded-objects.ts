/** Validates the objects embedded in a custom object: apiVersion, kind and metadata. */

import type { JsonObject } from '#wire/json/value.ts';
import type { ObjectMeta } from '../meta/object.ts';
import { validateObjectMeta } from '../meta/validation.ts';
import { type FieldError, invalidValue, required } from '../validation/field-error.ts';
import { dns1035Label, pathSegmentName } from '../validation/validators.ts';
import { walk } from './object-metadata.ts';
import type { StructuralSchema } from './structural-schema.ts';

export function validateEmbedded(object: JsonObject, schema: StructuralSchema, path = ''): FieldError[] {
  const errors: FieldError[] = [];
  walk(object, schema, path, (embedded, path) => {
    errors.push(...validateOne(embedded, path));
  });
  return errors;
}

function validateOne(embedded: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['apiVersion', 'kind']) {
    if (!Object.hasOwn(embedded, field)) errors.push(required(`${path}.${field}`));
  }
  const { apiVersion, kind } = embedded as { apiVersion?: string; kind?: string };
  if (apiVersion !== undefined) errors.push(...validateApiVersion(apiVersion, `${path}.apiVersion`));
  if (kind !== undefined) errors.push(...validateKind(kind, `${path}.kind`));
  const metadata = embedded['metadata'] as ObjectMeta | undefined;
  if (!metadata) return errors;
  // An embedded object needs no name.
  const named = { ...metadata, name: metadata.name || 'fakename' };
  const rules = {
    namespaced: Boolean(metadata.namespace),
    name: pathSegmentName,
    takesPlainFinalizers: true,
  };
  return [...errors, ...validateObjectMeta(named, rules, `${path}.metadata`)];
}

function validateApiVersion(apiVersion: string, path: string): FieldError[] {
  if (apiVersion === '') return [invalidValue(path, apiVersion, 'must not be empty')];
  if (apiVersion.split('/').length <= 2) return [];
  return [invalidValue(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
}

function validateKind(kind: string, path: string): FieldError[] {
  if (kind === '') return [invalidValue(path, kind, 'must not be empty')];
  const wrong = dns1035Label(kind.toLowerCase());
  if (wrong.length === 0) return [];
  const text = `may have mixed case, but should otherwise match: ${wrong.join(',')}`;
  return [invalidValue(path, kind, text)];
}
