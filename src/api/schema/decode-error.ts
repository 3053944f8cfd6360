/** Errors of decoding a body, in the wording of Go's encoding/json and of apiserver. */

import { goJsonType } from '#wire/json/go-values.ts';
import type { TypeRef } from './schema.ts';

/** A value has the wrong type. The caller adds the object. */
export class DecodeError extends Error {
  override name = 'DecodeError';
  /** The mismatched types, if that is the problem. */
  readonly wrongType?: WrongType;

  constructor(message: string, wrongType?: WrongType) {
    super(message);
    if (wrongType) this.wrongType = wrongType;
  }
}

/** An integer of 64 bits in a field of a type, where objects hold doubles. Upstream takes it. */
export class InexactInteger extends DecodeError {
  override name = 'InexactInteger';

  constructor({ message }: DecodeError) {
    super(`${message}: integers beyond ${Number.MAX_SAFE_INTEGER} are not kept exactly`);
  }
}

export interface WrongType {
  readonly found: unknown;
  /** How a number was written, where that is not as JavaScript writes it. */
  readonly written?: string | undefined;
  readonly wanted: TypeRef;
  readonly goType: string;
}

/** Go's name of a type: `int32`, `v1.PodSpec`, `[]v1.Container`, `map[string]string`. */
export function goTypeText(ref: TypeRef): string {
  switch (ref.kind) {
    case 'object':
      return ref.name.split('.').slice(-2).join('.');
    case 'list':
      return `[]${goTypeText(ref.of)}`;
    case 'map':
      return `map[string]${goTypeText(ref.of)}`;
    case 'boolean':
      return 'bool';
    case 'double':
      return 'float64';
    case 'bytes':
      return '[]uint8';
    case 'time':
    case 'microTime':
      return 'string';
    case 'intOrString':
      return 'int32';
    case 'duration':
      return 'v1.Duration';
    case 'quantity':
      return 'resource.Quantity';
    default:
      return ref.kind;
  }
}

/**
 * Go's name of a JSON value: `string`, `number`, `number 1.5`, `bool`, `array`, `object`; a number in its
 * original spelling `written`.
 */
export function jsonTypeText(value: unknown, wanted?: TypeRef, written?: string): string {
  const isNumber = typeof value === 'number' || typeof value === 'bigint';
  const wantsNumber =
    wanted !== undefined && ['int32', 'int64', 'intOrString', 'double'].includes(wanted.kind);
  if (isNumber && wantsNumber) return `number ${written ?? value}`;
  return value === null ? 'null' : goJsonType(value);
}
