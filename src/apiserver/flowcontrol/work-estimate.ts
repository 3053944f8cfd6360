/** Estimates the seats of a request: of a list by the bytes that it holds in memory, of a write by the watches. */

import { booleanOf, numberOf } from '#api/http/query-parameters.ts';
import type { RequestInfo } from '../contract/request-info.ts';
import { oneSeat, type Work } from './queues/work.ts';

const listSeatsMax = 100;
const mutatingSeatsMax = 10;
const bytesPerSeat = 100_000;
/** A list from the cache is sent in pieces: it holds no more than this in memory. */
const cachedBytesMax = 1_000_000;
const watchesPerSeat = 10;
const eventMs = 5;
/** Resources whose creation sends no watch event. */
const withoutEvents: ReadonlySet<string> = new Set(['serviceaccounts/token']);

/** Of all stored objects of a resource; `objectBytes` is the mean. */
export interface StoredSize {
  readonly objects: number;
  readonly objectBytes: number;
}

export interface EstimateParts {
  /** Undefined: not a resource of this server. */
  sizeOf(info: RequestInfo): StoredSize | undefined;
  watchesOf(info: RequestInfo): number;
  observeWatches(count: number): void;
  /** 0: only the limit of all levels. */
  readonly seatsMax: number;
}

export function estimateWork(info: RequestInfo, parts: EstimateParts): Work {
  switch (info.verb) {
    case 'list':
    case 'watch':
      return listWork(info, parts);
    case 'create':
    case 'update':
    case 'patch':
    case 'delete':
      return mutatingWork(info, parts);
    default:
      return oneSeat;
  }
}

function limited(seats: number, own: number, most: number): number {
  return Math.min(seats, own > 0 ? Math.min(own, most) : most);
}

function listWork(info: RequestInfo, { sizeOf, seatsMax }: EstimateParts): Work {
  const { query, verb } = info;
  const isWatch = verb === 'watch';
  if (isWatch && !beginsWithObjects(query)) return oneSeat;
  const size = sizeOf(info);
  if (!size) return oneSeat;
  const limit = number(query, 'limit');
  const objects = limit > 0 ? Math.min(limit, size.objects) : size.objects;
  const isCached = isWatch || !isFromHistory(query, limit);
  const isSelected = info.selectors.labelText !== '' || info.selectors.fieldText !== '';
  let loaded = objects;
  if (info.name !== '') loaded = 1;
  else if (!isCached && isSelected) loaded = Math.max(objects, Math.floor(size.objects / 2));
  const bytes = loaded * size.objectBytes;
  const seats = Math.max(1, Math.ceil((isCached ? Math.min(bytes, cachedBytesMax) : bytes) / bytesPerSeat));
  return seats === 1 ? oneSeat : { ...oneSeat, initialSeats: limited(seats, seatsMax, listSeatsMax) };
}

function beginsWithObjects(query: URLSearchParams): boolean {
  if (query.size === 0) return true;
  const version = query.get('resourceVersion') ?? '';
  return version === '' || version === '0' || booleanParam(query, 'sendInitialEvents');
}

/** Whether the list is read from the store: a continuation, or a list at an exact revision. */
function isFromHistory(query: URLSearchParams, limit: number): boolean {
  if (query.size === 0) return false;
  if (query.get('continue')) return true;
  const match = query.get('resourceVersionMatch') ?? '';
  if (match !== '') return match === 'Exact';
  const version = query.get('resourceVersion') ?? '';
  return limit > 0 && version !== '' && version !== '0';
}

/** An invalid parameter counts as 0 here; the verb rejects it later. */
function number(query: URLSearchParams, name: string): number {
  if (query.size === 0) return 0;
  try {
    return numberOf(query, name) ?? 0;
  } catch {
    return 0;
  }
}

function booleanParam(query: URLSearchParams, name: string): boolean {
  try {
    return booleanOf(query, name);
  } catch {
    return false;
  }
}

function mutatingWork(info: RequestInfo, { watchesOf, observeWatches, seatsMax }: EstimateParts): Work {
  if (withoutEvents.has(`${info.resource}/${info.subresource}`)) return oneSeat;
  const watches = watchesOf(info);
  observeWatches(watches);
  if (watches < watchesPerSeat) return oneSeat;
  const seats = Math.ceil(watches / watchesPerSeat);
  const finalSeats = limited(seats, seatsMax, mutatingSeatsMax);
  return { initialSeats: 1, finalSeats, additionalLatencyMs: (seats * eventMs) / finalSeats };
}
