/**
 * Lists in JSON: joined from stored bytes where nothing has to be parsed, else encoded again, indented for
 * people.
 */

import type { Entry } from '../../cache/entry.ts';
import { splicedLengthMax, spliceItem, spliceMetadata, spliceWhole } from '../../cache/stored-bytes.ts';
import { joinedStepBytes, type ListForm, parsedStepBytes } from '../../list-encodings/form.ts';
import type { SegmentMemory } from '../../list-encodings/segment-memory.ts';
import type { MetaVersion } from '../encode/negotiate.ts';
import { partialMetadataOpening } from '../encode/partial-metadata.ts';
import type { ListShape } from './list-shape.ts';

const contentType = 'application/json';
const comma = 0x2c;
const end = Buffer.from(']}\n');
const brace = Buffer.from('}');

export function joinedJson(shape: ListShape): ListForm {
  return {
    ...compact(shape),
    key: `${shape.key}|joined`,
    stepBytes: joinedStepBytes,
    items: joinStored(shape.hasTypedItems ? spliceWhole : spliceItem),
  };
}

export function compactJson(shape: ListShape): ListForm {
  return {
    ...compact(shape),
    key: `${shape.key}|json`,
    stepBytes: parsedStepBytes,
    items(entries, isFirst) {
      // In brackets: the first gives way to the comma.
      const bytes = Buffer.from(JSON.stringify(entries.map(shape.item)));
      bytes[0] = comma;
      return bytes.subarray(isFirst ? 1 : 0, -1);
    },
  };
}

/** The metadata of objects that are served as they are stored: cut out of their bytes. */
export function metadataJson(shape: ListShape, version: MetaVersion): ListForm {
  const opening = partialMetadataOpening(version);
  const [first, further] = [Buffer.from(opening), Buffer.from(`,${opening}`)];
  return {
    ...compact(shape),
    key: `${shape.key}|cut`,
    stepBytes: joinedStepBytes,
    items(entries, isFirst) {
      const pieces: Uint8Array[] = [];
      for (const { value, revision } of entries) {
        pieces.push(isFirst && pieces.length === 0 ? first : further, spliceMetadata(value, revision), brace);
      }
      return Buffer.concat(pieces);
    },
  };
}

export function compact(
  shape: ListShape,
): Pick<ListForm, 'contentType' | 'hasKnownLength' | 'head' | 'tail'> {
  return {
    contentType,
    hasKnownLength: false,
    head: (metadata) =>
      Buffer.from(`${JSON.stringify(shape.list(metadata)).slice(0, -1)},"${shape.itemsField}":[`),
    tail: () => end,
  };
}

/** An indented list is cut out of a whole that holds nothing else. */
export function prettyJson(shape: ListShape): ListForm {
  const field = shape.itemsField;
  const opening = `{\n  "${field}": [\n`;
  const closing = '\n  ]\n}';
  return {
    key: `${shape.key}|pretty`,
    contentType,
    stepBytes: parsedStepBytes,
    hasKnownLength: false,
    items(entries, isFirst) {
      const text = JSON.stringify({ [field]: entries.map(shape.item) }, undefined, 2);
      const items = text.slice(opening.length, -closing.length);
      return Buffer.from(isFirst ? items : `,\n${items}`);
    },
    head(metadata, itemsBytes) {
      const empty = JSON.stringify({ ...shape.list(metadata), [field]: [] }, undefined, 2);
      return Buffer.from(itemsBytes === 0 ? empty : `${empty.slice(0, -']\n}'.length)}\n`);
    },
    tail: (_, itemsBytes) => Buffer.from(itemsBytes === 0 ? '' : closing),
  };
}

/** `splice` writes an item. */
function joinStored(splice: typeof spliceItem): ListForm['items'] {
  return (entries: readonly Entry[], isFirst: boolean, memory?: SegmentMemory): Uint8Array => {
    const room = entries.reduce((sum, { value }) => sum + splicedLengthMax(value) + 1, 0);
    const bytes = memory?.take(room) ?? Buffer.allocUnsafe(room);
    let length = 0;
    for (const { value, revision } of entries) {
      if (length > 0 || !isFirst) bytes[length++] = comma;
      length = splice(bytes, length, value, revision);
    }
    return bytes.subarray(0, length);
  };
}
