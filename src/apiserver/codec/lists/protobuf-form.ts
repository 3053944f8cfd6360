/**
 * A list as an enveloped protobuf message, whose envelope contains its length. Objects that are served as they are
 * stored are copied from their kept messages; others are parsed, converted and encoded.
 */

import { envelopeHead, protobufMediaType, wrapField } from '#api/protobuf/envelope.ts';
import { headLength, writeHead } from '#api/protobuf/wire.ts';
import type { EncodedEntries } from '../../cache/encoded-entries.ts';
import type { Entry } from '../../cache/entry.ts';
import { joinedStepBytes, type ListForm, parsedStepBytes } from '../../list-encodings/form.ts';
import type { SegmentMemory } from '../../list-encodings/segment-memory.ts';
import type { ServedResource } from '../../registry/served-resource.ts';
import type { Format } from '../encode/negotiate.ts';
import { protobufEncoding, transcodeMetadata } from '../encode/protobuf-bytes.ts';
import { bareMessage, encoderOf, objectMetaType } from '../encode/protobuf-response.ts';
import type { ListShape } from './list-shape.ts';

/** Of a PartialObjectMetadata. */
const partialMetadataField = 1;
const listMetaType = 'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta';
/** A tag of one byte and a length of up to five. */
const itemHeadMax = 6;
/** So many bytes are transcoded in the time of one look-up. */
const transcodedPerCost = 64;
/** To transcode costs so many times as much as to copy. */
const transcodingFactor = 6;

export function protobufForm(
  kept: EncodedEntries,
  served: ServedResource,
  format: Format,
  shape: ListShape,
): ListForm {
  const { schema } = served;
  const { metadataField } = fieldNumbers(format);
  return {
    key: `${shape.key}|protobuf`,
    contentType: protobufMediaType,
    hasKnownLength: true,
    ...(served.conversion ? convertedItems(served, format, shape) : storedItems(kept, served, format)),
    head(metadata, itemsBytes) {
      const { kind, apiVersion } = shape.list(metadata);
      const meta = wrapField(metadataField, bareMessage(schema, listMetaType, metadata));
      const head = envelopeHead(String(apiVersion), String(kind), meta.length + itemsBytes);
      return Buffer.concat([head, meta]);
    },
    tail: () => new Uint8Array(),
  };
}

type Items = Pick<ListForm, 'stepBytes' | 'items' | 'costOf' | 'measure'>;

function storedItems(kept: EncodedEntries, { schema, def }: ServedResource, format: Format): Items {
  const { itemsField } = fieldNumbers(format);
  if (format.as !== 'object') {
    const message = (entry: Entry) => wrapField(partialMetadataField, transcodeMetadata(schema, entry));
    return { stepBytes: parsedStepBytes, items: (entries) => joined(itemsField, entries.map(message)) };
  }
  const encoding = protobufEncoding(schema, def.type);
  return {
    stepBytes: joinedStepBytes,
    costOf: (entry) => entry.value.length * (kept.has(entry, encoding) ? 1 : transcodingFactor),
    measure: {
      lengthOf(entry) {
        const { length } = kept.of(entry, encoding);
        return headLength(length) + length;
      },
      costOf: (entry) => (kept.has(entry, encoding) ? 1 : 1 + entry.value.length / transcodedPerCost),
    },
    items(entries, _, memory) {
      return joined(
        itemsField,
        entries.map((entry) => kept.of(entry, encoding)),
        memory,
      );
    },
  };
}

/** Each message as a field. */
function joined(field: number, messages: readonly Uint8Array[], memory?: SegmentMemory): Uint8Array {
  const room = messages.reduce((sum, { length }) => sum + length + itemHeadMax, 0);
  const bytes = memory?.take(room) ?? Buffer.allocUnsafe(room);
  let end = 0;
  for (const message of messages) {
    end = writeHead(bytes, end, field, message.length);
    bytes.set(message, end);
    end += message.length;
  }
  return bytes.subarray(0, end);
}

function convertedItems({ schema, def }: ServedResource, format: Format, shape: ListShape): Items {
  const { itemsField } = fieldNumbers(format);
  const encoder = encoderOf(schema);
  return {
    stepBytes: parsedStepBytes,
    items(entries) {
      const objects = entries.map(shape.object);
      if (format.as === 'object') return encoder.encodeItems(itemsField, def.type, objects);
      const all = objects.map(({ metadata = {} }) => metadata);
      return encoder.encodeItems(itemsField, objectMetaType, all, partialMetadataField);
    },
  };
}

/** Every list has the same numbers but one, which was turned round in its second version. */
export function fieldNumbers({ as, metaVersion }: Format): { metadataField: number; itemsField: number } {
  const isTurned = as === 'PartialObjectMetadataList' && metaVersion === 'v1beta1';
  return isTurned ? { metadataField: 2, itemsField: 1 } : { metadataField: 1, itemsField: 2 };
}
