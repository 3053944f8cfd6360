/** GET with watch: a stream of changes. */

import type { Conversion } from '#api/kind/conversion.ts';
import { tooManyRequests } from '#api/meta/status.ts';
import type { Observations } from '#base/metrics/histogram.ts';
import type { ApiResponse, StreamBody } from '#client/transport/transport.ts';
import type { WatchFilter } from '../../cache/watch-group.ts';
import { type Format, negotiateStream } from '../../codec/encode/negotiate.ts';
import { offerOf } from '../../codec/encode/offer.ts';
import { type WatchEncoding, watchEncoding } from '../../codec/encode/watch-encoding.ts';
import type { RequestInfo } from '../../contract/request-info.ts';
import { RequestSelectors } from '../../contract/request-selectors.ts';
import { seatsOfObjects } from '../../flowcontrol/list-seats.ts';
import type { Exchange } from '../../request/exchange.ts';
import { type ListParams, readListParams } from '../../storage/read/list-params.ts';
import { type Selection, selectionOf } from '../../storage/read/selection.ts';
import type { Target } from '../../storage/read/target.ts';
import { beginsWithObjects, initialObjectsMax } from './beginning.ts';
import { convertedWatch, frameWithPrevious } from './converted-watch.ts';
import { withFirstPiece } from './first-piece.ts';
import { WatchStream } from './stream.ts';

export function watchHandler(exchange: Exchange, target: Target): ApiResponse {
  const { parts, info } = exchange;
  // Upstream's words while its watch cache is rebuilt.
  if (parts.cache.failure) throw tooManyRequests('storage is (re)initializing', 1);
  const params = readListParams(info.query);
  const selection = selectionOf(target.served, target.namespace, selectorsOf(info, target.name));
  const format = negotiateStream(exchange.request, offerOf(target.served));
  const encoding = watchEncoding(parts, target.served, format, info.query);
  const sizes = parts.watchMetrics.sizes(target.served.def);
  const filter = {
    ...selection,
    sizes,
    key: JSON.stringify([selection.key, encoding.frame ? encoding.key : '']),
    ...(encoding.frame ? { frame: encoding.frame } : {}),
  };
  const { conversion } = target.served;
  if (conversion?.ahead) {
    return watchConverted(exchange, { ...target, params, selection, format }, conversion);
  }
  const leave = beginsWithObjects(params) ? takeSeats(exchange, target, filter) : () => {};
  const timeoutSeconds = secondsOf(params, parts);
  const body = new WatchStream(
    { parts, target, params, filter, encoding, leave, listDurations: listDurationsOf(parts, params, info) },
    timeoutSeconds * 1000,
    exchange.request.signal,
  );
  return streamed(encoding, body);
}

/** Followed as what is stored, and converted on the way out. */
function watchConverted(
  { parts, info, request }: Exchange,
  { params, selection, format, ...target }: Target & Pick<Asked, 'params' | 'selection' | 'format'>,
  conversion: Conversion,
): ApiResponse {
  const { conversion: _, ...unconverted } = target.served;
  const stored = watchEncoding(parts, unconverted, storedFormat, info.query);
  const shown = watchEncoding(parts, unconverted, format, info.query);
  const timeoutSeconds = secondsOf(params, parts);
  const key = JSON.stringify([selection.key, 'to be converted']);
  const filter = { ...selection, key, ...(selection.matchesConverted ? { frame: frameWithPrevious } : {}) };
  const source = new WatchStream(
    { parts, target, params, filter, encoding: stored, leave: () => {} },
    timeoutSeconds * 1000,
    request.signal,
  );
  const { matchesConverted } = selection;
  const selects = matchesConverted ? { matches: matchesConverted } : {};
  const sizes = parts.watchMetrics.sizes(target.served.def);
  const body = convertedWatch(source, { ...shown, ...selects, conversion, write: shown.write, sizes });
  return streamed(shown, body);
}

function streamed({ contentType, first }: WatchEncoding, body: StreamBody): ApiResponse {
  return { status: 200, headers: { 'content-type': contentType }, body: withFirstPiece(body, first) };
}

/** Upstream measures those that end their list with a bookmark. */
function listDurationsOf(
  { watchMetrics }: Exchange['parts'],
  { sendInitialEvents, allowBookmarks }: ListParams,
  info: RequestInfo,
): Observations | undefined {
  return sendInitialEvents === true && allowBookmarks ? watchMetrics.listDurations(info) : undefined;
}

/** 0: until the client ends it. */
function secondsOf({ timeoutSeconds }: ListParams, { settings, env }: Exchange['parts']): number {
  return timeoutSeconds || settings.watchSecondsMin * (1 + env.random.float());
}

const storedFormat = { as: 'object', media: 'json', metaVersion: 'v1', isPretty: false } as const;

interface Asked {
  readonly params: ListParams;
  readonly selection: Selection;
  readonly format: Format;
}

/** Above so many objects what a watch begins with counts as a large list does, until it is sent. */
const uncountedMax = 100;

/** Returns how to leave; throws 429 when too much is being sent already. */
function takeSeats({ parts, user, ticket }: Exchange, target: Target, filter: WatchFilter): () => void {
  if (!ticket) return () => {};
  const objects = initialObjectsMax(target, filter);
  const leave = objects > uncountedMax ? parts.listSeats.enter(user.name, seatsOfObjects(objects)) : () => {};
  const release = ticket.keep();
  return () => {
    leave();
    release();
  };
}

/** `/api/v1/watch/namespaces/default/pods/web`: the old way to watch one object. */
function selectorsOf({ selectors }: RequestInfo, name: string): RequestSelectors {
  if (name === '' || selectors.fieldText !== '') return selectors;
  return new RequestSelectors(selectors.labelText, `metadata.name=${name}`);
}
