/** A bare protobuf message by the schema; its layout is worked out once per type. */

import { ProtobufDecoder } from '#api/protobuf/decode.ts';
import type { Schema } from '#api/schema/schema.ts';

const decoders = new WeakMap<Schema, ProtobufDecoder>();

/** Throws `DecodeError`. */
export function readProtobuf(schema: Schema, typeName: string, raw: Uint8Array): Record<string, unknown> {
  let decoder = decoders.get(schema);
  if (!decoder) {
    decoder = new ProtobufDecoder(schema);
    decoders.set(schema, decoder);
  }
  return decoder.decode(typeName, raw);
}
