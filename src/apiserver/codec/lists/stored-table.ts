/**
 * A table of objects that are served as they are stored. An object is parsed for its cells once: its row is kept with
 * its ages left open, and joined with the metadata that is cut out of the stored bytes.
 */

import { humanDuration } from '#api/values/duration.ts';
import { mark } from '#wire/json/mark.ts';
import type { EncodedEntries, Encoding } from '../../cache/encoded-entries.ts';
import type { Entry } from '../../cache/entry.ts';
import { spliceMetadata } from '../../cache/stored-bytes.ts';
import { joinedStepBytes, type ListForm, parsedStepBytes } from '../../list-encodings/form.ts';
import type { ServedResource } from '../../registry/served-resource.ts';
import { partialMetadataOpening } from '../encode/partial-metadata.ts';
import type { TableOptions } from '../encode/table.ts';
import { compact } from './json-forms.ts';
import type { ListShape } from './list-shape.ts';

type Printed = Pick<ServedResource, 'id' | 'printer'>;

const comma = Buffer.from(',');
const brace = Buffer.from('}');
const none = Buffer.from('null');
const noBytes = new Uint8Array();

export function storedTable(
  rows: EncodedEntries,
  served: Printed,
  shape: ListShape,
  { nowMs, include, version }: TableOptions,
): ListForm {
  const openRow: Encoding = { key: String(served.id), encode: (entry) => openRowOf(served, entry) };
  const metadataHead = Buffer.from(partialMetadataOpening(version));
  const shown = (entry: Entry): readonly Uint8Array[] => {
    if (include === 'None') return [none];
    if (include === 'Object') return [entry.bytes()];
    return [metadataHead, spliceMetadata(entry.value, entry.revision), brace];
  };
  return {
    ...compact(shape),
    key: `${shape.key}|stored`,
    stepBytes: joinedStepBytes,
    costOf: (entry) =>
      entry.value.length * (rows.has(entry, openRow) ? 1 : joinedStepBytes / parsedStepBytes),
    items(entries, isFirst) {
      const pieces: Uint8Array[] = [];
      for (const entry of entries) {
        if (!isFirst || pieces.length > 0) pieces.push(comma);
        const row = asOf(rows.of(entry, openRow), nowMs) ?? rowStart(served, entry, nowMs);
        pieces.push(Buffer.from(row), ...shown(entry), brace);
      }
      return Buffer.concat(pieces);
    },
  };
}

/** A row up to its object. */
function rowStart({ printer }: Printed, entry: Entry, now: Parameters<typeof printer.cells>[1]): string {
  const object = entry.object();
  const cells = JSON.stringify(printer.cells(object, now));
  const conditions = printer.conditions?.(object);
  return `{"cells":${cells}${conditions?.length ? `,"conditions":${JSON.stringify(conditions)}` : ''},"object":`;
}

/** Nothing for an object that has the mark's character in its own texts. */
function openRowOf(served: Printed, entry: Entry): Uint8Array {
  let ages = 0;
  const row = rowStart(served, entry, {
    since(startMs) {
      ages++;
      return mark + startMs + mark;
    },
  });
  return row.split(mark).length === 2 * ages + 1 ? Buffer.from(row) : noBytes;
}

/** Undefined for a row that cannot be kept open. */
function asOf(openRow: Uint8Array, nowMs: number): string | undefined {
  if (openRow.length === 0) return undefined;
  const parts = Buffer.from(openRow.buffer, openRow.byteOffset, openRow.length).toString().split(mark);
  for (let i = 1; i < parts.length; i += 2) parts[i] = humanDuration(nowMs - Number(parts[i]));
  return parts.join('');
}
