/** Stored objects as protobuf messages, without parsing them, and kept for those who ask next. */

import { ProtobufTranscoder } from '#api/protobuf/transcode.ts';
import type { Schema } from '#api/schema/schema.ts';
import { spliceOffset } from '#wire/json/canonical.ts';
import type { EncodedEntries, Encoding } from '../../cache/encoded-entries.ts';
import type { Entry } from '../../cache/entry.ts';
import type { ServedResource } from '../../registry/served-resource.ts';

const transcoders = new WeakMap<Schema, ProtobufTranscoder>();
const encodings = new WeakMap<Schema, Map<string, Encoding>>();

/** The bare message of an object that is served as it is stored. */
export function protobufBytes(kept: EncodedEntries, served: ServedResource, entry: Entry): Uint8Array {
  return kept.of(entry, protobufEncoding(served.schema, served.def.type));
}

export function protobufEncoding(schema: Schema, type: string): Encoding {
  let ofSchema = encodings.get(schema);
  if (!ofSchema) {
    ofSchema = new Map();
    encodings.set(schema, ofSchema);
  }
  let encoding = ofSchema.get(type);
  if (!encoding) {
    encoding = { key: type, encode: ({ value, revision }) => transcode(schema, type, value, revision) };
    ofSchema.set(type, encoding);
  }
  return encoding;
}

/** The bare message of a stored value that was written at `revision`. */
export function transcode(schema: Schema, type: string, value: Uint8Array, revision: number): Uint8Array {
  return transcoderOf(schema).object(type, value, String(revision));
}

/** The entry's ObjectMeta as a message, without an envelope. */
export function transcodeMetadata(schema: Schema, { value, revision }: Entry): Uint8Array {
  return transcoderOf(schema).metadata(value, spliceOffset(value) - 1, String(revision));
}

function transcoderOf(schema: Schema): ProtobufTranscoder {
  let transcoder = transcoders.get(schema);
  if (!transcoder) {
    transcoder = new ProtobufTranscoder(schema);
    transcoders.set(schema, transcoder);
  }
  return transcoder;
}
