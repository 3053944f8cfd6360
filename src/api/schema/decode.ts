/**
 * Turns a parsed JSON value into an object of a type, in place, as decoding into a Go struct does upstream:
 * unknown fields are dropped (and reported), nulls, zeros and empty lists are dropped where Go omits them and
 * filled in where it writes them, quantities and times get their canonical form, and a wrong type is an error
 * in the wording of encoding/json.
 */

import { strictErrorsMax } from '#wire/json/duplicate-fields.ts';
import { infiniteIn, noFloat } from '#wire/json/exact-integers.ts';
import { isIntegerText, type OddText } from '#wire/json/odd-numbers.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { asConverted } from './converted-integer.ts';
import { DecodeError, goTypeText, InexactInteger, jsonTypeText } from './decode-error.ts';
import { pathText, type Step, wrongType } from './decode-path.ts';
import { hasRoundedAmounts, roundedUp, scalarDecoders } from './decode-scalars.ts';
import { noteEmpty } from './empty-collections.ts';
import type { Reading } from './reading.ts';
import type { FieldDef, Schema, TypeDef, TypeRef, WrittenField } from './schema.ts';
import { type SchemaAlternative, schemaAlternative } from './schema-unions.ts';
import { isLeftOut, zeroOf } from './zero-value.ts';

/**
 * Returns the paths of the unknown fields, `spec.foo`, in document order, up to a limit. Throws
 * `DecodeError`: as encoding/json, of the first value with an unreadable text (a quantity, a time), and if there is
 * none of the first value of a wrong type. Parts without a type in the schema are not changed.
 */
export function decodeInto(
  schema: Schema,
  typeName: string,
  value: unknown,
  reading: Reading = {},
): string[] {
  const decoder = new Decoder(schema, reading);
  const type = schema.type(typeName);
  if (!isJsonObject(value)) {
    const goType = goTypeText({ kind: 'object', name: typeName });
    throw new DecodeError(`json: cannot unmarshal ${jsonTypeText(value)} into Go value of type ${goType}`);
  }
  decoder.object(type, value);
  if (decoder.misfit) throw decoder.misfit;
  if (decoder.hasEmpty) noteEmpty(value, schema, typeName);
  return decoder.unknown;
}

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

const asJavaScriptWrites: OddText = () => undefined;

const integerKinds: ReadonlySet<string> = new Set(['int32', 'int64', 'intOrString']);

/** Types with an UnmarshalJSON of their own, whose errors end the reading, as those of quantities do. */
const readsItself: ReadonlySet<string> = new Set(['time', 'microTime', 'intOrString']);

class Decoder {
  readonly schema: Schema;
  readonly unknown: string[] = [];
  /** Empty lists or maps were found. */
  hasEmpty = false;
  /** Of the first value with a wrong type. */
  misfit: DecodeError | undefined;
  /** Path from the root to the current value; formatted only for errors. */
  readonly #steps: Step[] = [];

  /** Whether the map that was decoded last has no keys. Known from its loop, since V8 lists all keys of a large map to find one. */
  #isEmptyMap = false;

  readonly #oddText: OddText;
  readonly #isMerged: boolean;
  readonly #isConverted: boolean;
  /** False within a schema union: Go reads it by a decoder of its own, which reports no unknown fields. */
  #isStrict = true;

  constructor(
    schema: Schema,
    { oddText = asJavaScriptWrites, isMerged = false, isConverted = false }: Reading,
  ) {
    this.schema = schema;
    this.#oddText = oddText;
    this.#isMerged = isMerged;
    this.#isConverted = isConverted;
  }

  object(type: TypeDef, value: JsonObject): void {
    for (const key in value) {
      const field = type.fields.get(key);
      const given = value[key];
      if (field === undefined) {
        if (this.#isStrict && this.unknown.length < strictErrorsMax) {
          this.unknown.push(pathText([...this.#steps, key]));
        }
        delete value[key];
      } else if (given === null) {
        delete value[key];
      } else if (typeof given === 'string' && field.type.kind === 'string') {
        // By far the most frequent type.
        if (given === '' && field.dropsZero) delete value[key];
      } else {
        this.#steps.push(field);
        const decoded = this.value(field.type, given, type, field);
        this.#steps.pop();
        // A zero time, which Go writes as null; an explicit null too unless Go has a pointer.
        if (decoded === null && !this.#isOwnTime(type, field)) value[key] = null;
        else if (decoded === null || decoded === undefined || isLeftOut(field, decoded)) delete value[key];
        else if (decoded !== given) value[key] = decoded;
        else if (typeof decoded === 'object' && this.#isEmpty(field.type, decoded)) this.hasEmpty = true;
      }
    }
    if (type.alwaysWritten) this.#fillIn(type.alwaysWritten, value);
  }

  /** `decoded` was decoded last. */
  #isEmpty({ kind }: TypeRef, decoded: unknown): boolean {
    return kind === 'list' ? (decoded as unknown[]).length === 0 : kind === 'map' && this.#isEmptyMap;
  }

  #fillIn(fields: readonly WrittenField[], value: JsonObject): void {
    for (const { name, zero, struct } of fields) {
      if (value[name] !== undefined) continue;
      if (struct === undefined) {
        value[name] = zero;
        continue;
      }
      const empty: JsonObject = {};
      value[name] = empty;
      this.object(this.schema.type(struct), empty);
    }
  }

  /** `field`, of the type `owner`, is the last step of the path. */
  value(ref: TypeRef, value: unknown, owner: TypeDef, field: FieldDef): unknown {
    switch (ref.kind) {
      // Fast path: by far the most frequent type.
      case 'string':
        if (typeof value === 'string') return value;
        break;
      case 'object':
        if (!isJsonObject(value)) return this.#misfit(value, ref, owner, field);
        this.object(this.schema.type(ref.name), value);
        return value;
      case 'list':
        if (!Array.isArray(value)) return this.#misfit(value, ref, owner, field);
        for (let i = 0; i < value.length; i++) {
          this.#steps.push(i);
          value[i] = this.value(ref.of, value[i] ?? zeroOf(ref.of), owner, field);
          this.#steps.pop();
        }
        return value;
      case 'map':
        if (!isJsonObject(value)) return this.#misfit(value, ref, owner, field);
        this.#map(ref.of, value, owner, field);
        return value;
      case 'bytes':
        return this.#bytes(value, ref, owner, field);
    }
    if (ref.kind === 'any') return this.#untyped(value, owner, field);
    if (typeof value === 'bigint') return this.#longInteger(value, ref, owner, field);
    const written = ref.kind === 'quantity' && typeof value === 'number' ? this.#oddText(value) : undefined;
    if (this.#isConverted) value = asConverted(value, ref.kind);
    const decoded = scalarDecoders[ref.kind](written ?? value);
    if (decoded === undefined) return this.#misfit(value, ref, owner, field);
    if (!this.#isMerged && typeof decoded === 'number' && integerKinds.has(ref.kind)) {
      const text = this.#oddText(decoded);
      if (text !== undefined && !isIntegerText(text)) return this.#misfit(value, ref, owner, field);
    }
    return decoded;
  }

  /** Times in metadata are set by the server, but for those of a template; Go leaves out a zero creationTimestamp. */
  #isOwnTime({ name }: TypeDef, field: FieldDef): boolean {
    return name === objectMeta && (this.#steps.length === 1 || field.name === 'creationTimestamp');
  }

  #bytes(value: unknown, ref: TypeRef, owner: TypeDef, field: FieldDef): unknown {
    try {
      return scalarDecoders.bytes(value) ?? this.#misfit(value, ref, owner, field);
    } catch (error) {
      if (this.#isConverted || !(error instanceof DecodeError)) throw error;
      this.misfit ??= error;
      return value;
    }
  }

  #schemaUnion(value: unknown, other: SchemaAlternative, owner: TypeDef, field: FieldDef): unknown {
    const { misfit } = this;
    const wasStrict = this.#isStrict;
    this.misfit = undefined;
    this.#isStrict = false;
    const decoded = this.#schemaOr(other, value, owner, field);
    if (this.misfit) throw this.misfit;
    this.misfit = misfit;
    this.#isStrict = wasStrict;
    return decoded;
  }

  /** Where a list may stand, Go takes any other value for nothing. */
  #schemaOr(other: SchemaAlternative, value: unknown, owner: TypeDef, field: FieldDef): unknown {
    if (isJsonObject(value)) this.object(owner, value);
    else if (other !== 'boolean') {
      if (!Array.isArray(value) || value.length === 0) return undefined;
      return this.value({ kind: 'list', of: other }, value, owner, field);
    } else if (typeof value !== 'boolean') throw new DecodeError('boolean or JSON schema expected');
    return value;
  }

  /** Fields of a type hold integers as doubles: one that would change is rejected. */
  #longInteger(value: bigint, ref: TypeRef, owner: TypeDef, field: FieldDef): unknown {
    if (ref.kind === 'double') return Number(value);
    if (ref.kind === 'quantity') return scalarDecoders.quantity(String(value));
    if (ref.kind !== 'int64') return this.#misfit(value, ref, owner, field);
    throw new InexactInteger(this.#wrongType(value, ref, owner, field));
  }

  #wrongType(value: unknown, ref: TypeRef, owner: TypeDef, field: FieldDef): DecodeError {
    const written = typeof value === 'number' ? this.#oddText(value) : undefined;
    return wrongType(this.#steps, { found: value, written, wanted: ref }, owner, field);
  }

  /** Go reads on, but for types that read themselves. Returns the value. */
  #misfit(value: unknown, ref: TypeRef, owner: TypeDef, field: FieldDef): unknown {
    const error = this.#wrongType(value, ref, owner, field);
    if (this.#isConverted || readsItself.has(ref.kind)) throw error;
    this.misfit ??= error;
    return value;
  }

  /** Kept as it is. */
  #untyped(value: unknown, owner: TypeDef, field: FieldDef): unknown {
    const union = schemaAlternative(owner, field);
    if (union !== undefined) return this.#schemaUnion(value, union, owner, field);
    const huge = infiniteIn(value);
    if (huge !== undefined) throw new DecodeError(noFloat(this.#oddText(huge) ?? String(huge)));
    return value;
  }

  #map(valueType: TypeRef, map: JsonObject, owner: TypeDef, field: FieldDef): void {
    const isRounded = valueType.kind === 'quantity' && hasRoundedAmounts(owner);
    let isEmpty = true;
    for (const key in map) {
      isEmpty = false;
      const given = map[key];
      this.#steps.push(key);
      let decoded = this.value(valueType, given ?? zeroOf(valueType), owner, field);
      this.#steps.pop();
      if (isRounded) decoded = roundedUp(decoded as string);
      if (decoded !== given) map[key] = decoded;
    }
    this.#isEmptyMap = isEmpty;
  }
}
