/**
 * A page of objects as the caller wants it. What one step encodes is answered whole; what takes more is sent
 * in segments, which all who ask for the same share.
 */

import type { ListMeta } from '#api/meta/object.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { takesGzip } from '../../codec/encode/accept-encoding.ts';
import { isPretty, negotiate } from '../../codec/encode/negotiate.ts';
import { offerOf } from '../../codec/encode/offer.ts';
import { compactJson, joinedJson, metadataJson, prettyJson } from '../../codec/lists/json-forms.ts';
import { ListBody } from '../../codec/lists/list-body.ts';
import { listShape, tableOptionsOf } from '../../codec/lists/list-shape.ts';
import { protobufForm } from '../../codec/lists/protobuf-form.ts';
import { storedTable } from '../../codec/lists/stored-table.ts';
import { yamlForm } from '../../codec/lists/yaml-form.ts';
import { seatsOf } from '../../flowcontrol/list-seats.ts';
import { joinedStepBytes, type ListForm } from '../../list-encodings/form.ts';
import { gzipPacking, plainPacking } from '../../list-encodings/packing.ts';
import type { SharedEncoding } from '../../list-encodings/shared-encoding.ts';
import type { Reading } from '../../list-encodings/shared-encodings.ts';
import type { ServedResource } from '../../registry/served-resource.ts';
import type { Exchange } from '../../request/exchange.ts';
import type { Page } from '../../storage/read/read-page.ts';

/** Up to here copying costs less than writing in pieces. */
const joinedMaxBytes = 16 * 1024;
const begunBytesMax = 2 * 1024 * 1024;
const fewMax = 100;
/** Of callers inside this process, who have no other deadline. */
const sendMaxMs = 60_000;
const noItems = new Uint8Array();

export function encodeList(
  exchange: Exchange,
  served: ServedResource,
  page: Page,
): ApiResponse | Promise<ApiResponse> {
  const form = listForm(exchange, served);
  const metadata = listMeta(page);
  const few = isFew(page, form) ? page.candidates.filter(page.matches) : undefined;
  if (few) return wholeList(form, few.length > 0 ? form.items(few, true) : noItems, metadata);
  const { steps, encodings } = exchange.parts;
  return steps.soon(() => {
    const reading = encodings.read(form, page.key, page);
    try {
      begin(reading.encoding);
      if (!reading.encoding.isComplete || reading.encoding.count > 1) {
        return inSegments(exchange, form, reading, metadata);
      }
    } catch (error) {
      reading.close();
      throw error;
    }
    const items = reading.encoding.count > 0 ? reading.encoding.segment(0) : noItems;
    reading.close();
    return wholeList(form, items, metadata);
  });
}

/**
 * One step, or some where they only copy: a page of the usual size is complete then, and can be sent with its
 * length.
 */
function begin(encoding: SharedEncoding): void {
  if (encoding.count === 0) encoding.step();
  const isQuick = encoding.form.stepBytes >= joinedStepBytes;
  while (isQuick && !encoding.isComplete && encoding.begunCost < begunBytesMax) encoding.step();
}

/** So little that keeping it for others, or looking at the clock, costs more than it could save. */
function isFew({ candidates }: Page, { stepBytes }: ListForm): boolean {
  if (candidates.length > fewMax) return false;
  let bytes = 0;
  for (const { value } of candidates) bytes += value.length;
  return bytes <= stepBytes;
}

function listForm(exchange: Exchange, served: ServedResource): ListForm {
  const { request, info } = exchange;
  const format = negotiate(request, offerOf(served));
  const shape = listShape(exchange, served, format);
  if (format.media === 'protobuf') return protobufForm(exchange.parts.encodedEntries, served, format, shape);
  if (format.media === 'yaml') return yamlForm(shape);
  if (format.isPretty || isPretty(request, info.query)) return prettyJson(shape);
  if (served.conversion) return compactJson(shape);
  if (format.as === 'Table') {
    return storedTable(exchange.parts.tableRows, served, shape, tableOptionsOf(exchange, format));
  }
  return format.as === 'object' ? joinedJson(shape) : metadataJson(shape, format.metaVersion);
}

function listMeta(page: Page): ListMeta {
  return {
    resourceVersion: String(page.revision),
    ...(page.continueToken ? { continue: page.continueToken } : {}),
    ...(page.remaining ? { remainingItemCount: page.remaining } : {}),
  };
}

function wholeList(form: ListForm, items: Uint8Array, metadata: ListMeta): ApiResponse {
  const pieces = [form.head(metadata, items.length), items, form.tail(metadata, items.length)];
  const body = items.length <= joinedMaxBytes ? Buffer.concat(pieces) : pieces;
  return { status: 200, headers: { 'content-type': form.contentType }, body };
}

/** Throws 429 when too much is being sent already. */
function inSegments(exchange: Exchange, form: ListForm, reading: Reading, metadata: ListMeta): ApiResponse {
  const { ticket, user } = exchange;
  const { listSeats, steps, env } = exchange.parts;
  const { encoding, gzipped, close } = reading;
  const seats = seatsOf(encoding.estimatedBytes);
  const leave = exchange.trusted ? () => {} : listSeats.enter(user.name, seats);
  const release = ticket?.keep();
  const compressed = takesGzip(exchange.request.headers['accept-encoding']);
  const body = new ListBody({
    form,
    encoding,
    packing: compressed ? gzipPacking(gzipped) : plainPacking(encoding),
    metadata,
    steps,
    clock: env.clock,
    endsMs: exchange.startedMs + (exchange.timeoutMs ?? sendMaxMs),
    over() {
      close();
      leave();
      release?.();
    },
    failed: (error) => env.log.error('a list could not be sent', { error: error.stack ?? error.message }),
  });
  const headers: Record<string, string> = { 'content-type': form.contentType };
  if (compressed) Object.assign(headers, { 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
  else if (encoding.isComplete) headers['content-length'] = String(lengthOf(form, encoding, metadata));
  return { status: 200, headers, body };
}

function lengthOf(form: ListForm, { itemsBytes }: SharedEncoding, metadata: ListMeta): number {
  return form.head(metadata, itemsBytes).length + itemsBytes + form.tail(metadata, itemsBytes).length;
}
