/**
 * Events of a watch in protobuf: each a bare WatchEvent behind its length in four bytes, with the object in
 * an envelope of its own.
 */

import type { AnyObject } from '#api/meta/object.ts';
import { wrapEnvelope, wrapField } from '#api/protobuf/envelope.ts';
import type { Schema } from '#api/schema/schema.ts';
import type { Shape } from './negotiate.ts';
import { envelopedMessage, metadataMessage, statusType } from './protobuf-response.ts';

const lengthBytes = 4;

export function protobufFrame(type: string, object: Uint8Array): Uint8Array {
  const typeField = wrapField(1, Buffer.from(type));
  // A RawExtension.
  const objectField = wrapField(2, wrapField(1, object));
  const length = Buffer.allocUnsafe(lengthBytes);
  length.writeUInt32BE(typeField.length + objectField.length);
  return Buffer.concat([length, typeField, objectField]);
}

/** An event's object in its envelope: one of the resource's own type, its metadata alone, or a Status. */
export function protobufObject(schema: Schema, typeName: string, as: Shape, object: AnyObject): Uint8Array {
  if (object.kind === 'Status') return envelopedMessage(schema, statusType, object);
  if (as === 'object') return envelopedMessage(schema, typeName, object);
  const { apiVersion = '', kind = '' } = object;
  return wrapEnvelope({ apiVersion, kind, raw: metadataMessage(schema, object) });
}
