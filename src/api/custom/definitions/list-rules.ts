/** Validates x-kubernetes-list-type and x-kubernetes-list-map-keys of a schema. */

import type { JSONSchemaProps } from '../../generated/types.gen.ts';
import { GoText } from '../../go/text.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-error.ts';
import { isSchema } from '../structural-schema.ts';

const listTypes = ['atomic', 'set', 'map'];

export function validateListType(
  schema: JSONSchemaProps,
  path: string,
  { requiresAtomicSets, requiresListKeys }: { requiresAtomicSets: boolean; requiresListKeys: boolean },
): FieldError[] {
  const { type = '', 'x-kubernetes-list-type': listType, 'x-kubernetes-list-map-keys': keys = [] } = schema;
  const errors: FieldError[] = [];
  if (listType !== undefined && type !== 'array') {
    const text = 'must be array if x-kubernetes-list-type is specified';
    errors.push(type === '' ? required(`${path}.type`, text) : invalidValue(`${path}.type`, type, text));
  } else if (requiresAtomicSets) errors.push(...ofSetItems(schema, path));
  if (listType !== undefined && !listTypes.includes(listType)) {
    errors.push(notSupported(`${path}.x-kubernetes-list-type`, listType, listTypes));
  }
  if (keys.length > 0 && listType !== 'map') {
    const field = `${path}.x-kubernetes-list-type`;
    const text = 'must be map if x-kubernetes-list-map-keys is non-empty';
    errors.push(listType === undefined ? required(field, text) : invalidValue(field, listType, text));
  }
  if (listType === 'map') errors.push(...ofMap(schema, keys, path));
  if (requiresListKeys) errors.push(...ofListKeys(schema, path));
  return errors;
}

/** The items of a set must be atomic. */
export function ofSetItems(schema: JSONSchemaProps, path: string): FieldError[] {
  if (schema['x-kubernetes-list-type'] !== 'set' || !isSchema(schema.items)) return [];
  const { type, 'x-kubernetes-list-type': listType, 'x-kubernetes-map-type': mapType } = schema.items;
  const text = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  if (type === 'array' && listType !== undefined && listType !== 'atomic') {
    return [invalidValue(`${path}.items.x-kubernetes-list-type`, listType, text)];
  }
  if (type === 'object' && mapType !== 'atomic') {
    return [invalidValue(`${path}.items.x-kubernetes-map-type`, listType ?? new GoText('null'), text)];
  }
  return [];
}

function ofMap({ items }: JSONSchemaProps, keys: readonly string[], path: string): FieldError[] {
  const keysPath = `${path}.x-kubernetes-list-map-keys`;
  const errors: FieldError[] = [];
  if (keys.length === 0) {
    errors.push(required(keysPath, 'must not be empty if x-kubernetes-list-type is map'));
  }
  if (items === undefined) {
    errors.push(required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map'));
  } else if (!isSchema(items)) {
    const text = 'must only have a single schema if x-kubernetes-list-type is map';
    errors.push(invalidValue(`${path}.items`, items, text));
  } else if (items.type !== 'object') {
    const text = "must be object if parent array's x-kubernetes-list-type is map";
    errors.push(invalidValue(`${path}.items.type`, items.type ?? '', text));
  } else errors.push(...ofKeys(items, keys, path));
  return errors;
}

function ofKeys({ properties = {} }: JSONSchemaProps, keys: readonly string[], path: string): FieldError[] {
  const keysPath = `${path}.x-kubernetes-list-map-keys`;
  const seen = new Set<string>();
  return keys.flatMap((key) => {
    const errors: FieldError[] = [];
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (!property) errors.push(invalidValue(keysPath, keys, 'entries must all be names of item properties'));
    else if (property.type === 'array' || property.type === 'object') {
      const text = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(invalidValue(`${path}.items.properties[${key}].type`, 'object', text));
    }
    if (seen.has(key)) errors.push(invalidValue(keysPath, keys, 'must not contain duplicate entries'));
    seen.add(key);
    return errors;
  });
}

/** Every item of a list of type map must have all keys. */
export function ofListKeys(schema: JSONSchemaProps, path: string): FieldError[] {
  const { 'x-kubernetes-list-type': listType, items } = schema;
  if (!isSchema(items) || (listType !== 'set' && listType !== 'map')) return [];
  const errors: FieldError[] = [];
  if (items.nullable) {
    const text = `cannot be nullable when x-kubernetes-list-type is ${listType}`;
    errors.push(forbiddenField(`${path}.items.nullable`, text));
  }
  if (listType !== 'map') return errors;
  const { properties = {}, required: needed = [] } = items;
  for (const key of schema['x-kubernetes-list-map-keys'] ?? []) {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (!property) continue;
    const at = `${path}.items.properties[${key}]`;
    if (!needed.includes(key) && (property.default ?? undefined) === undefined) {
      const text =
        'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
      errors.push(required(`${at}.default`, text));
    }
    if (property.nullable) {
      const text = 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable';
      errors.push(forbiddenField(`${at}.nullable`, text));
    }
  }
  return errors;
}
