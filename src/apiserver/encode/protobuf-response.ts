/** An object, or a list, as an enveloped protobuf message. */

import { ProtobufEncoder } from '#api/protobuf-encode.ts';
import { protobufMediaType, wrapEnvelope } from '#api/protobuf-envelope.ts';
import type { Schema } from '#api/schema.ts';
import type { ApiResponse } from '#client/transport.ts';

interface Typed {
  readonly apiVersion?: string;
  readonly kind?: string;
}

const encoders = new WeakMap<Schema, ProtobufEncoder>();

export function protobufResponse(
  schema: Schema,
  status: number,
  typeName: string,
  object: Typed,
): ApiResponse {
  const { apiVersion = '', kind = '' } = object;
  const raw = encoderOf(schema).encode(typeName, object);
  const body = wrapEnvelope({ apiVersion, kind, raw });
  return { status, headers: { 'content-type': protobufMediaType }, body };
}

function encoderOf(schema: Schema): ProtobufEncoder {
  let encoder = encoders.get(schema);
  if (!encoder) {
    encoder = new ProtobufEncoder(schema);
    encoders.set(schema, encoder);
  }
  return encoder;
}
