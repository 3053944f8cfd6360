/**
 * Makes a parsed JSON value into an object of a type, in place, as decoding into a Go struct does upstream: unknown
 * fields go (and are reported), nulls, zeros and empty lists go where Go leaves them out, quantities and times get their canonical form, and
 * a value of the wrong type is an error in the words of encoding/json.
 */

import { DecodeError, goTypeText, jsonTypeText } from './decode-error.ts';
import { scalarDecoders } from './decode-scalars.ts';
import type { FieldDef, Schema, TypeDef, TypeRef } from './schema.ts';

type JsonObject = Record<string, unknown>;

/**
 * Returns the strict errors, `unknown field "spec.foo"`, in document order. Throws `DecodeError`. Parts that are not in
 * the schema's types stay untouched.
 */
export function decodeInto(schema: Schema, typeName: string, value: unknown): string[] {
  const decoder = new Decoder(schema);
  const type = schema.type(typeName);
  if (!isObject(value)) {
    const goType = goTypeText({ kind: 'object', name: typeName });
    throw new DecodeError(`json: cannot unmarshal ${jsonTypeText(value)} into Go value of type ${goType}`);
  }
  decoder.object(type, value, '', '');
  return decoder.strictErrors;
}

class Decoder {
  readonly schema: Schema;
  readonly strictErrors: string[] = [];

  constructor(schema: Schema) {
    this.schema = schema;
  }

  /** `path` has list indexes (strict errors), `fields` has none (type errors). */
  object(type: TypeDef, value: JsonObject, path: string, fields: string): void {
    for (const key of Object.keys(value)) {
      const field = type.fields.get(key);
      if (field === undefined) {
        this.strictErrors.push(`unknown field "${path}${key}"`);
        delete value[key];
      } else if (value[key] === null) {
        delete value[key];
      } else {
        this.field(type, field, value, path, fields);
      }
    }
  }

  field(type: TypeDef, field: FieldDef, owner: JsonObject, path: string, fields: string): void {
    const name = field.name;
    const context = { type, field, fields: `${fields}${field.inlined ? `${field.inlined}.` : ''}${name}` };
    const decoded = this.value(field.type, owner[name], path + name, context);
    if (field.dropsZero && (decoded === '' || decoded === 0 || decoded === false)) delete owner[name];
    else if (!field.required && isEmptyCollection(field.type, decoded)) delete owner[name];
    else if (decoded !== owner[name]) owner[name] = decoded;
  }

  value(ref: TypeRef, value: unknown, path: string, context: Context): unknown {
    switch (ref.kind) {
      case 'object':
        if (!isObject(value)) throw wrongType(value, ref, context);
        this.object(this.schema.type(ref.name), value, `${path}.`, `${context.fields}.`);
        return value;
      case 'list':
        if (!Array.isArray(value)) throw wrongType(value, ref, context);
        for (let i = 0; i < value.length; i++) {
          const item = value[i] ?? zeroOf(ref.of);
          value[i] = this.value(ref.of, item, `${path}[${i}]`, context);
        }
        return value;
      case 'map':
        if (!isObject(value)) throw wrongType(value, ref, context);
        for (const key of Object.keys(value)) {
          value[key] = this.value(ref.of, value[key] ?? zeroOf(ref.of), `${path}.${key}`, context);
        }
        return value;
      default: {
        const decoded = scalarDecoders[ref.kind](value);
        if (decoded === undefined) throw wrongType(value, ref, context);
        return decoded;
      }
    }
  }
}

interface Context {
  /** The type that has the field. */
  readonly type: TypeDef;
  readonly field: FieldDef;
  readonly fields: string;
}

function wrongType(value: unknown, ref: TypeRef, { type, field, fields }: Context): DecodeError {
  const struct = type.name.split('.').at(-1);
  const found = jsonTypeText(value, ref);
  const wanted = ref.kind === 'string' ? (field.goType ?? 'string') : goTypeText(ref);
  return new DecodeError(
    `json: cannot unmarshal ${found} into Go struct field ${struct}.${fields} of type ${wanted}`,
    { found: value, wanted: ref, goType: wanted },
  );
}

/** What a null among a list's or map's values means in Go. */
function zeroOf(ref: TypeRef): unknown {
  switch (ref.kind) {
    case 'object':
    case 'map':
      return {};
    case 'list':
      return [];
    case 'boolean':
      return false;
    case 'int32':
    case 'int64':
    case 'double':
    case 'intOrString':
      return 0;
    case 'quantity':
      return '0';
    case 'any':
      return null;
    default:
      return '';
  }
}

function isEmptyCollection(ref: TypeRef, value: unknown): boolean {
  if (ref.kind === 'list') return (value as unknown[]).length === 0;
  if (ref.kind !== 'map') return false;
  for (const _ in value as JsonObject) return false;
  return true;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
