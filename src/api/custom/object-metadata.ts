/**
 * The metadata of a custom object, and of the objects embedded in it, in the form of ObjectMeta: types checked,
 * unknown fields dropped.
 */

import { copyJson } from '#base/copy-json.ts';
import type { JsonObject } from '#wire/json/value.ts';
import type { ObjectMeta } from '../meta/object.ts';
import { decodeInto } from '../schema/decode.ts';
import { DecodeError } from '../schema/decode-error.ts';
import { dropEmpty } from '../schema/empty-collections.ts';
import { loadSchema } from '../schema/load-schema.ts';
import { type FieldError, fieldErrorMessage, invalidValue } from '../validation/field-error.ts';
import { isTree, type StructuralSchema } from './structural-schema.ts';

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** Returns the paths of the unknown fields. Throws `DecodeError` in Go's words. */
export function decodeMetadata(object: JsonObject, path = ''): string[] {
  if (!Object.hasOwn(object, 'metadata')) return [];
  object['metadata'] ??= {};
  const metadata = object['metadata'] as ObjectMeta;
  const unknown = decodeInto(loadSchema(), objectMeta, metadata);
  const clearsManagers = Array.isArray(metadata.managedFields) && metadata.managedFields.length === 0;
  dropEmpty(metadata, false);
  // An empty list resets the managers; an absent one keeps them.
  if (clearsManagers) metadata.managedFields = [];
  return unknown.map((field) => `${path}metadata.${field}`);
}

/** As `decodeMetadata`, for the objects embedded in `object`, which is at `at`. Throws `WrongMetadata`. */
export function decodeEmbedded(object: JsonObject, schema: StructuralSchema, at = ''): string[] {
  if (!schema.below.hasEmbeddedResources) return [];
  const unknown: string[] = [];
  walk(object, schema, at, (embedded, path) => {
    for (const field of ['apiVersion', 'kind']) {
      const value = embedded[field];
      if (Object.hasOwn(embedded, field) && typeof value !== 'string') {
        throw new WrongMetadata(invalidValue(`${path}.${field}`, value, 'must be a string'));
      }
    }
    const given = embedded['metadata'];
    try {
      unknown.push(...decodeMetadata(embedded, `${path}.`));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw new WrongMetadata(invalidValue(`${path}.metadata`, given, error.message));
    }
  });
  return unknown.sort();
}

/** For stored objects: metadata fields that are no longer valid are dropped. */
export function dropWrongMetadata(object: JsonObject, schema: StructuralSchema): void {
  dropWrongFields(object);
  if (!schema.below.hasEmbeddedResources) return;
  walk(object, schema, '', (embedded) => {
    for (const field of ['apiVersion', 'kind']) {
      if (typeof embedded[field] !== 'string') delete embedded[field];
    }
    dropWrongFields(embedded);
  });
}

function dropWrongFields(object: JsonObject): void {
  try {
    decodeMetadata(object);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const metadata = object['metadata'];
    if (typeof metadata !== 'object' || metadata === null) return;
    for (const [field, value] of Object.entries(metadata)) {
      try {
        decodeInto(loadSchema(), objectMeta, { [field]: copyJson(value) });
      } catch {
        delete (metadata as JsonObject)[field];
      }
    }
    decodeMetadata(object);
  }
}

/** Of an embedded object. */
export class WrongMetadata extends DecodeError {
  override name = 'WrongMetadata';
  readonly fieldError: FieldError;

  constructor(fieldError: FieldError) {
    super(fieldErrorMessage(fieldError));
    this.fieldError = fieldError;
  }
}

/** Calls `found` for every embedded object, from the outside in. */
export function walk(
  value: unknown,
  schema: StructuralSchema | undefined,
  path: string,
  found: (embedded: JsonObject, path: string) => void,
): void {
  if (!schema?.below.hasEmbeddedResources || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    value.forEach((item, i) => {
      walk(item, schema.items, `${path}[${i}]`, found);
    });
    return;
  }
  const object = value as JsonObject;
  if (schema.isEmbeddedResource) found(object, path);
  for (const name in object) {
    const property = schema.properties.get(name);
    if (property) walk(object[name], property, path === '' ? name : `${path}.${name}`, found);
    else if (isTree(schema.additional)) walk(object[name], schema.additional, `${path}[${name}]`, found);
  }
}
