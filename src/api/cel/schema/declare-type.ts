/**
 * Declares the CEL type of an OpenAPI schema, with size bounds for cost estimates: the limits of the schema, or else
 * what fits into a request of 3 MiB.
 */

import { bodyBytesMax } from '#wire/json/values-limit.ts';
import type { CelSchema } from '../contract.ts';
import {
  boolType,
  bytesType,
  type CelField,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  objectType,
  stringType,
  timestampType,
} from '../types/type.ts';
import { escapeFieldName } from './escape.ts';

/** The largest string: a whole request without the quotes. */
const textMax = bodyBytesMax - 2;

const durationText = { min: 3, max: 32 };
const dateText = { min: 12, max: 12 };
const dateTimeText = { min: 21, max: 32 };

const plainText: CelSchema = { type: 'string' };
const objectMeta: CelSchema = {
  type: 'object',
  properties: new Map([
    ['name', plainText],
    ['generateName', plainText],
  ]),
};

/**
 * Undefined for a schema without a type. `isResourceRoot`: `apiVersion`, `kind`, `metadata.name` and
 * `metadata.generateName` are declared even if the schema does not have them. Object types are named by their path
 * from `name`.
 */
export function declareType(
  schema: CelSchema,
  isResourceRoot: boolean,
  name = 'selfType',
): CelType | undefined {
  const type = declare(schema, isResourceRoot, name);
  return type === undefined || !schema.isNullable ? type : type.with({ isNullable: true });
}

function declare(schema: CelSchema, isResourceRoot: boolean, name: string): CelType | undefined {
  if (schema.isIntOrString) return declareIntOrString(schema);
  switch (schema.type) {
    case 'array':
      return declareArray(schema, name);
    case 'object':
      return declareObject(schema, isResourceRoot, name);
    case 'string':
      return declareText(schema);
    case 'boolean':
      return boolType.with({ maxElements: 0, minSerializedSize: 4 });
    case 'number':
      return doubleType.with({ maxElements: 0, minSerializedSize: 1 });
    case 'integer':
      return intType.with({ maxElements: 0, minSerializedSize: 1 });
    default:
      return undefined;
  }
}

/** `dyn` for the checker: only the value decides whether it is a number or a string. */
function declareIntOrString({ maxLength }: CelSchema): CelType {
  const maxElements = maxLength === undefined ? textMax : bytesOf(maxLength);
  return dynType.with({ isIntOrString: true, maxElements, minSerializedSize: 1 });
}

/** A character has at most four bytes. */
const bytesOf = (characters: number) => Math.max(0, characters) * 4;

function declareArray(
  { items, maxItems, listType: kind, listMapKeys }: CelSchema,
  name: string,
): CelType | undefined {
  if (items === undefined) return undefined;
  const element = declareType(items, items.isEmbeddedResource === true, `${name}.@idx`);
  if (element === undefined) return undefined;
  const fitting = Math.floor((bodyBytesMax - 2) / (sizeOf(element) + 1));
  return listType(element, {
    maxElements: maxItems === undefined ? fitting : Math.max(0, maxItems),
    minSerializedSize: 2,
    ...(kind === undefined ? {} : { listType: kind }),
    ...(listMapKeys === undefined ? {} : { listMapKeys }),
  });
}

const sizeOf = (type: CelType) => type.facts.minSerializedSize ?? 0;

function declareObject(schema: CelSchema, isResourceRoot: boolean, name: string): CelType | undefined {
  const { additionalProperties, maxProperties } = schema;
  if (additionalProperties === undefined) return declareFields(schema, isResourceRoot, name);
  const value = declareType(
    additionalProperties,
    additionalProperties.isEmbeddedResource === true,
    `${name}.@elem`,
  );
  if (value === undefined) return undefined;
  const fitting = Math.floor((bodyBytesMax - 2) / (sizeOf(value) + 6));
  return mapType(stringType.with({ maxElements: 0 }), value, {
    maxElements: maxProperties === undefined ? fitting : Math.max(0, maxProperties),
    minSerializedSize: 2,
  });
}

function declareFields(schema: CelSchema, isResourceRoot: boolean, name: string): CelType {
  const properties = isResourceRoot ? withObjectMeta(schema.properties) : (schema.properties ?? new Map());
  const required = new Set(schema.required);
  const fields = new Map<string, CelField>();
  let minSerializedSize = 2;
  for (const [jsonName, property] of properties) {
    const escaped = escapeFieldName(jsonName);
    const type = declareType(
      property,
      property.isEmbeddedResource === true,
      `${name}.${escaped ?? jsonName}`,
    );
    if (type === undefined) continue;
    if (escaped !== undefined) fields.set(escaped, { jsonName, type });
    if (required.has(jsonName) && !property.hasDefault) {
      minSerializedSize += Buffer.byteLength(jsonName) + sizeOf(type) + 4;
    }
  }
  return objectType(name, fields, { maxElements: 0, minSerializedSize });
}

function withObjectMeta(properties: CelSchema['properties']): ReadonlyMap<string, CelSchema> {
  if (hasObjectMeta(properties)) return properties!;
  return new Map([
    ...(properties ?? []),
    ['kind', plainText],
    ['apiVersion', plainText],
    ['metadata', objectMeta],
  ]);
}

function hasObjectMeta(properties: CelSchema['properties']): boolean {
  const metadata = properties?.get('metadata');
  const isText = (schema: CelSchema | undefined) => schema?.type === 'string';
  return (
    isText(properties?.get('kind')) &&
    isText(properties?.get('apiVersion')) &&
    metadata?.type === 'object' &&
    isText(metadata.properties?.get('name')) &&
    isText(metadata.properties?.get('generateName'))
  );
}

function declareText(schema: CelSchema): CelType {
  const { format, maxLength, enum: values } = schema;
  switch (format) {
    case 'byte':
      return bytesType.with({
        maxElements: maxLength === undefined ? textMax : Math.max(0, maxLength),
        minSerializedSize: 2,
      });
    case 'duration':
      return durationType.with({ maxElements: durationText.max, minSerializedSize: durationText.min });
    case 'date':
      return timestampType.with({
        maxElements: dateText.max,
        minSerializedSize: dateText.min,
        isDate: true,
      });
    case 'date-time':
      return timestampType.with({ maxElements: dateTimeText.max, minSerializedSize: dateTimeText.min });
    default:
      return stringType.with({ maxElements: textBound(maxLength, values), minSerializedSize: 2 });
  }
}

function textBound(maxLength: number | undefined, values: readonly unknown[] | undefined): number {
  if (maxLength !== undefined) return bytesOf(maxLength);
  if (values === undefined || values.length === 0) return textMax;
  return Math.max(0, ...values.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0)));
}
