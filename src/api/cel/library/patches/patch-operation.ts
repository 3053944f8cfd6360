/** The value of `JSONPatch{op: "add", path: "/a", value: 1}`: an operation of a JSON Patch. */

import { goTypeOf } from '#wire/json/go-values.ts';
import { type CelField, CelType, dynType, objectType, stringType } from '../../types/type.ts';
import { equalValues, OpaqueValue } from '../../values/equal.ts';
import { nativeValue } from '../../values/native.ts';
import { ErrorValue, type Value } from '../../values/value.ts';

const field = (jsonName: string, type: CelType) => [jsonName, { jsonName, type }] as const;

/** Upstream's checker accepts every other field name too, with a type that no value has. */
const noType = new CelType('opaque', '');

class OperationFields extends Map<string, CelField> {
  override get(jsonName: string): CelField {
    return super.get(jsonName) ?? { jsonName, type: noType };
  }
}

export const patchOperationType: CelType = objectType(
  'JSONPatch',
  new OperationFields([
    field('op', stringType),
    field('path', stringType),
    field('from', stringType),
    field('value', dynType),
  ]),
);

interface OperationTexts {
  readonly op: string;
  readonly path: string;
  readonly from: string;
}

export class PatchOperation extends OpaqueValue {
  readonly type = patchOperationType;
  readonly texts: OperationTexts;
  /** Undefined without the field `value`. */
  readonly value: Value | undefined;

  constructor(texts: OperationTexts, value: Value | undefined) {
    super();
    this.texts = texts;
    this.value = value;
  }

  equals(other: Value): boolean | ErrorValue {
    if (!(other instanceof PatchOperation)) return false;
    if (textNames.some((name) => this.texts[name] !== other.texts[name])) return false;
    if (this.value === undefined || other.value === undefined) return this.value === other.value;
    return equalValues(this.value, other.value);
  }

  override select(key: Value): Value | undefined {
    const name = textNames.find((each) => each === key);
    if (name !== undefined) return this.texts[name];
    return key === 'value' ? this.value : undefined;
  }
}

const textNames = ['op', 'path', 'from'] as const;

export function makeOperation(fields: ReadonlyMap<string, Value>): Value {
  const texts = { op: '', path: '', from: '' };
  for (const name of textNames) {
    const value = fields.get(name);
    if (value === undefined) continue;
    if (typeof value !== 'string') {
      return new ErrorValue(
        `unexpected type ${goTypeOf(nativeValue(value))} for JSONPatchType '${name}' field`,
      );
    }
    texts[name] = value;
  }
  return new PatchOperation(texts, fields.get('value'));
}
