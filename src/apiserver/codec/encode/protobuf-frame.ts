/**
 * Events of a watch in protobuf: each a bare WatchEvent behind its length in four bytes, with the object in
 * an envelope of its own.
 */

import type { AnyObject } from '#api/meta/object.ts';
import { envelopeHead, wrapEnvelope, wrapField } from '#api/protobuf/envelope.ts';
import { headLength, writeHead } from '#api/protobuf/wire.ts';
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

/** Frames of bare messages of one kind, each written once into its place. */
export function storedFrameWriter(
  apiVersion: string,
  kind: string,
): (type: string, raw: Uint8Array) => Uint8Array {
  // Without tag and length of the message.
  const opening = envelopeHead(apiVersion, kind, 0).subarray(0, -2);
  return (type, raw) => {
    const typeField = wrapField(1, Buffer.from(type));
    const envelopeBytes = opening.length + headLength(raw.length) + raw.length;
    const extensionBytes = headLength(envelopeBytes) + envelopeBytes;
    const eventBytes = typeField.length + headLength(extensionBytes) + extensionBytes;
    const frame = Buffer.allocUnsafe(lengthBytes + eventBytes);
    frame.writeUInt32BE(eventBytes);
    frame.set(typeField, lengthBytes);
    let end = writeHead(frame, lengthBytes + typeField.length, 2, extensionBytes);
    end = writeHead(frame, end, 1, envelopeBytes);
    frame.set(opening, end);
    end = writeHead(frame, end + opening.length, 2, raw.length);
    frame.set(raw, end);
    return frame;
  };
}

/** An event's object in its envelope: one of the resource's own type, its metadata alone, or a Status. */
export function protobufObject(schema: Schema, typeName: string, as: Shape, object: AnyObject): Uint8Array {
  if (object.kind === 'Status') return envelopedMessage(schema, statusType, object);
  if (as === 'object') return envelopedMessage(schema, typeName, object);
  const { apiVersion = '', kind = '' } = object;
  return wrapEnvelope({ apiVersion, kind, raw: metadataMessage(schema, object) });
}
