/**
 * The envelope of every Kubernetes protobuf message: the magic bytes `k8s\0`, then kind, apiVersion and the
 * message.
 */

import protobuf from 'protobufjs/minimal.js';
import { DecodeError } from '../schema/decode-error.ts';
import {
  lengthDelimited,
  nestedEnd,
  type Reader,
  refuseWire,
  writeNested,
  writeTag,
  writeText,
} from './wire.ts';

export const protobufMediaType = 'application/vnd.kubernetes.protobuf';

const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  /** The bare message. */
  readonly raw: Uint8Array;
}

export function wrapEnvelope({ apiVersion, kind, raw }: Envelope): Uint8Array {
  return Buffer.concat([envelopeHead(apiVersion, kind, raw.length), raw]);
}

/** The bytes before a bare message of `rawLength` bytes. */
export function envelopeHead(apiVersion: string, kind: string, rawLength: number): Uint8Array {
  const writer = protobuf.Writer.create();
  writeNested(writer, 1, () => {
    writeText(writer, 1, apiVersion);
    writeText(writer, 2, kind);
  });
  writeTag(writer, 2, lengthDelimited).uint32(rawLength);
  return Buffer.concat([magic, writer.finish()]);
}

/** A message as a field of another. */
export function wrapField(field: number, message: Uint8Array): Uint8Array {
  return writeTag(protobuf.Writer.create(), field, lengthDelimited).bytes(message).finish();
}

/** Throws `DecodeError` without the magic bytes or for a truncated message. */
export function unwrapEnvelope(bytes: Uint8Array): Envelope {
  if (!magic.equals(bytes.subarray(0, magic.length))) {
    throw new DecodeError(
      'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
    );
  }
  try {
    return readUnknown(protobuf.Reader.create(bytes.subarray(magic.length)));
  } catch (error) {
    refuseWire(error);
  }
}

function readUnknown(reader: Reader): Envelope {
  let meta = { apiVersion: '', kind: '' };
  let raw: Uint8Array = new Uint8Array();
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) meta = readTypeMeta(reader);
    else if (tag >>> 3 === 2) raw = reader.bytes();
    else reader.skipType(tag & 7);
  }
  return { ...meta, raw };
}

function readTypeMeta(reader: Reader): { apiVersion: string; kind: string } {
  const end = nestedEnd(reader);
  const meta = { apiVersion: '', kind: '' };
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) meta.apiVersion = reader.string();
    else if (tag >>> 3 === 2) meta.kind = reader.string();
    else reader.skipType(tag & 7);
  }
  return meta;
}
