/** A list as an enveloped protobuf message, whose envelope contains its length. */

import { envelopeHead, protobufMediaType, wrapField } from '#api/protobuf/envelope.ts';
import type { Schema } from '#api/schema/schema.ts';
import { type ListForm, parsedStepBytes } from '../../list-encodings/form.ts';
import type { Format } from '../encode/negotiate.ts';
import { bareMessage, encoderOf, objectMetaType } from '../encode/protobuf-response.ts';
import type { ListShape } from './list-shape.ts';

/** Of a PartialObjectMetadata. */
const partialMetadataField = 1;
const listMetaType = 'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta';

/** `type`: the full name of the resource's type. */
export function protobufForm(schema: Schema, type: string, format: Format, shape: ListShape): ListForm {
  const { metadataField, itemsField } = fieldNumbers(format);
  const encoder = encoderOf(schema);
  return {
    key: `${shape.key}|protobuf`,
    contentType: protobufMediaType,
    stepBytes: parsedStepBytes,
    hasKnownLength: true,
    items(entries) {
      const objects = entries.map(shape.object);
      if (format.as === 'object') return encoder.encodeItems(itemsField, type, objects);
      const all = objects.map(({ metadata = {} }) => metadata);
      return encoder.encodeItems(itemsField, objectMetaType, all, partialMetadataField);
    },
    head(metadata, itemsBytes) {
      const { kind, apiVersion } = shape.list(metadata);
      const meta = wrapField(metadataField, bareMessage(schema, listMetaType, metadata));
      const head = envelopeHead(String(apiVersion), String(kind), meta.length + itemsBytes);
      return Buffer.concat([head, meta]);
    },
    tail: () => new Uint8Array(),
  };
}

/** Every list has the same numbers but one, which was turned round in its second version. */
function fieldNumbers({ as, metaVersion }: Format): { metadataField: number; itemsField: number } {
  const isTurned = as === 'PartialObjectMetadataList' && metaVersion === 'v1beta1';
  return isTurned ? { metadataField: 2, itemsField: 1 } : { metadataField: 1, itemsField: 2 };
}
