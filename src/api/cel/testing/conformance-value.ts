/** Types and values of CEL's public conformance data, as this room has them. */

import {
  boolType,
  bytesType,
  CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  nullType,
  optionalType,
  stringType,
  timestampType,
  typeType,
  uintType,
} from '../types/type.ts';
import { intOf } from '../values/int.ts';
import { MadeList } from '../values/list.ts';
import { MadeMap } from '../values/map.ts';
import { parseDuration, parseTimestamp } from '../values/time.ts';
import { Double, Uint, type Value } from '../values/value.ts';

export interface ConformanceType {
  readonly primitive?: string;
  readonly dyn?: object;
  readonly null?: unknown;
  readonly wellKnown?: string;
  readonly type?: object;
  readonly listType?: { readonly elemType?: ConformanceType };
  readonly mapType?: { readonly keyType?: ConformanceType; readonly valueType?: ConformanceType };
  readonly abstractType?: { readonly name: string; readonly parameterTypes: readonly ConformanceType[] };
}

export interface ConformanceValue {
  readonly int64Value?: string;
  readonly uint64Value?: string;
  readonly doubleValue?: number | string;
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly bytesValue?: string;
  readonly nullValue?: unknown;
  readonly typeValue?: string;
  readonly listValue?: { readonly values?: readonly ConformanceValue[] };
  readonly mapValue?: {
    readonly entries?: readonly { readonly key: ConformanceValue; readonly value: ConformanceValue }[];
  };
  readonly objectValue?: { readonly '@type'?: string; readonly value?: string };
}

const primitives: Readonly<Record<string, CelType>> = {
  BOOL: boolType,
  INT64: intType,
  UINT64: uintType,
  DOUBLE: doubleType,
  STRING: stringType,
  BYTES: bytesType,
};

/** Undefined: a message of protobuf. */
export function conformanceType(type: ConformanceType): CelType | undefined {
  if (type.primitive !== undefined) return primitives[type.primitive];
  if (type.dyn !== undefined) return dynType;
  if (type.null !== undefined) return nullType;
  if (type.type !== undefined) return typeType();
  if (type.wellKnown === 'TIMESTAMP') return timestampType;
  if (type.wellKnown === 'DURATION') return durationType;
  if (type.listType !== undefined) return conformanceList(type.listType);
  if (type.mapType !== undefined) return conformanceMap(type.mapType);
  const [inner] = type.abstractType?.name === 'optional_type' ? type.abstractType.parameterTypes : [];
  const innerType = inner === undefined ? undefined : conformanceType(inner);
  return innerType === undefined ? undefined : optionalType(innerType);
}

function conformanceList({ elemType }: NonNullable<ConformanceType['listType']>): CelType | undefined {
  const element = elemType === undefined ? dynType : conformanceType(elemType);
  return element === undefined ? undefined : listType(element);
}

function conformanceMap({
  keyType,
  valueType,
}: NonNullable<ConformanceType['mapType']>): CelType | undefined {
  const key = keyType === undefined ? dynType : conformanceType(keyType);
  const value = valueType === undefined ? dynType : conformanceType(valueType);
  return key === undefined || value === undefined ? undefined : mapType(key, value);
}

/** Thrown where a value is a message of protobuf. */
export class MessageValue extends Error {}

export function conformanceValue(value: ConformanceValue): Value {
  if (value.int64Value !== undefined) return intOf(BigInt(value.int64Value));
  if (value.uint64Value !== undefined) return new Uint(BigInt(value.uint64Value));
  if (value.doubleValue !== undefined) return new Double(Number(value.doubleValue));
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.boolValue !== undefined) return value.boolValue;
  if (value.bytesValue !== undefined) return Buffer.from(value.bytesValue, 'base64');
  if (value.typeValue !== undefined) return new CelType('type', value.typeValue);
  if (value.listValue !== undefined) {
    return new MadeList((value.listValue.values ?? []).map(conformanceValue));
  }
  if (value.mapValue !== undefined) {
    const map = new MadeMap();
    for (const entry of value.mapValue.entries ?? []) {
      map.set(conformanceValue(entry.key), conformanceValue(entry.value));
    }
    return map;
  }
  if ('nullValue' in value) return null;
  const { '@type': name = '', value: text = '' } = value.objectValue ?? {};
  const time = name.endsWith('.Duration') ? parseDuration(text) : undefined;
  const found = time ?? (name.endsWith('.Timestamp') ? parseTimestamp(text) : undefined);
  if (found === undefined) throw new MessageValue(name);
  return found;
}
