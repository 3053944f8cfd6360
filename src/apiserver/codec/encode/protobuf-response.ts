/** An object, or its metadata alone, as an enveloped protobuf message. */

import type { AnyObject } from '#api/meta/object.ts';
import { ProtobufEncoder } from '#api/protobuf/encode.ts';
import { protobufMediaType, wrapEnvelope, wrapField } from '#api/protobuf/envelope.ts';
import type { Schema } from '#api/schema/schema.ts';
import type { ApiResponse } from '#client/transport/transport.ts';

interface Typed {
  readonly apiVersion?: string;
  readonly kind?: string;
}

export const statusType = 'io.k8s.apimachinery.pkg.apis.meta.v1.Status';
export const objectMetaType = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

const encoders = new WeakMap<Schema, ProtobufEncoder>();

export function protobufResponse(
  schema: Schema,
  status: number,
  typeName: string,
  object: Typed,
): ApiResponse {
  const body = envelopedMessage(schema, typeName, object);
  return { status, headers: { 'content-type': protobufMediaType }, body };
}

export function envelopedMessage(schema: Schema, typeName: string, object: Typed): Uint8Array {
  const { apiVersion = '', kind = '' } = object;
  return wrapEnvelope({ apiVersion, kind, raw: bareMessage(schema, typeName, object) });
}

/** Without the envelope. */
export function bareMessage(schema: Schema, typeName: string, object: object): Uint8Array {
  return encoderOf(schema).encode(typeName, object);
}

export function encoderOf(schema: Schema): ProtobufEncoder {
  let encoder = encoders.get(schema);
  if (!encoder) {
    encoder = new ProtobufEncoder(schema);
    encoders.set(schema, encoder);
  }
  return encoder;
}

/** A bare PartialObjectMetadata. */
export function metadataMessage(schema: Schema, object: AnyObject): Uint8Array {
  return wrapField(1, bareMessage(schema, objectMetaType, object.metadata ?? {}));
}
