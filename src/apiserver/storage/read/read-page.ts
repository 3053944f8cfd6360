/**
 * One page of a list, as of one revision.
 *
 * 1. Which revision: the newest, "any" (0), at least N, exactly N, or the one a continue token carries.
 * 2. While the resource has not changed since that revision, the cache answers.
 * 3. Otherwise the store's history does.
 */

import { badRequest, expired } from '#api/meta/status.ts';
import { CompactedError } from '#store/errors.ts';
import { sortKey } from '#store/mvcc/key-order.ts';
import { prefixRange } from '#store/store.ts';
import type { Entry } from '../../cache/entry.ts';
import type { ResourceCounts } from '../../cache/resource-counts.ts';
import type { StorageParts } from '../../registry/storage-parts.ts';
import { type ContinueToken, decodeContinue, encodeContinue } from './continue-token.ts';
import type { ListParams } from './list-params.ts';
import type { Selection } from './selection.ts';
import type { Target } from './target.ts';
import { cannotTransform, mustBeReadable } from './unreadable.ts';
import { requirePastRevision, waitForRevision } from './wait-for-revision.ts';

export interface Page {
  /** Not tested yet where there is no limit: that is done while they are sent. */
  readonly candidates: readonly Entry[];
  readonly matches: (entry: Entry) => boolean;
  /** Equal keys of one resource hold the same objects. */
  readonly key: string;
  readonly revision: number;
  readonly continueToken: string;
  readonly remaining: number | undefined;
}

/** What a page is cut from. */
interface Candidates {
  readonly entries: readonly Entry[];
  /** The first that comes into question. */
  readonly from: number;
  /** How many more there are that were not even read. */
  readonly beyond: number;
  /** Names the state they are of. */
  readonly state: string;
  /** Called with how many of them a page took or tested. */
  readonly onRead?: (objects: number) => void;
}

/** Of what comes from the store's history. */
const parsedPerTurnMax = 100;
/** Tested at once for a page with a selector; then others get their turn. */
const testsPerTurnMax = 10_000;

export async function readPage(
  parts: StorageParts,
  target: Target,
  params: ListParams,
  selection: Selection,
): Promise<Page> {
  const token = tokenOf(params);
  const { cache } = target.storage;
  const waiting = waitFor(parts, params, token);
  const isConsistent = params.revision === undefined && !token;
  if (waiting) await counted(parts, cache.counts, waiting, isConsistent);
  else countRead(cache.counts, 0, isConsistent);
  const exact = exactRevision(params, token);
  const revision = exact ?? parts.cache.revision;
  const after = token?.start ?? '';
  // The cache may still hold that state, but what is compacted is gone for everyone at the same time.
  if (exact !== undefined && exact < (await parts.store.stats()).compactedRevision) throw tooOld(token);
  if (revision >= cache.lastChange) {
    mustBeReadable(cache, target.namespace);
    const entries = cache.index.list(target.namespace || undefined);
    const from = after === '' ? 0 : firstFrom(entries, cache.prefix + after);
    const candidates = {
      entries,
      from,
      beyond: 0,
      state: JSON.stringify(['newest', cache.lastChange, after]),
      onRead: (objects: number) => cache.counts.listed(cache.counts.cacheLists, objects),
    };
    return cut(parts, cache.prefix, candidates, params.limit, revision, selection);
  }
  // A selector has to see everything; without one the store counts what lies behind the page.
  const limit = selection.hasSelectors ? 0 : params.limit;
  const candidates = await fromHistory(parts, target, { revision, after, limit }, token);
  return cut(parts, cache.prefix, candidates, params.limit, revision, selection);
}

function tokenOf({ continueToken, revisionText }: ListParams): ContinueToken | undefined {
  if (continueToken === '') return undefined;
  const token = decodeContinue(continueToken);
  if (revisionText !== undefined) {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  return token;
}

function waitFor(
  parts: StorageParts,
  params: ListParams,
  token: ContinueToken | undefined,
): Promise<void> | undefined {
  if (token) {
    return token.revision > 0
      ? requirePastRevision(parts, token.revision, token.revisionText)
      : parts.cache.fresh();
  }
  if (params.revision === undefined) return parts.cache.fresh();
  if (exactRevision(params, token)) return requirePastRevision(parts, params.revision, params.revisionText);
  return waitForRevision(parts, params.revision, params.revisionText);
}

async function counted(
  { env: { clock } }: StorageParts,
  counts: ResourceCounts,
  waiting: Promise<void>,
  isConsistent: boolean,
): Promise<void> {
  const beganMs = clock.monotonicMs();
  try {
    await waiting;
  } catch (error) {
    if (isConsistent) counts.consistentReads.failed++;
    throw error;
  }
  countRead(counts, clock.monotonicMs() - beganMs, isConsistent);
}

function countRead(counts: ResourceCounts, waitedMs: number, isConsistent: boolean): void {
  counts.listWaited(waitedMs);
  if (isConsistent) counts.consistentReads.succeeded++;
}

function exactRevision(params: ListParams, token: ContinueToken | undefined): number | undefined {
  if (token) return token.revision > 0 ? token.revision : undefined;
  return params.match === 'Exact' ? params.revision : legacyExact(params);
}

/** A limit with a revision and no word on how to match it means exactly that revision. */
function legacyExact(params: ListParams): number | undefined {
  return params.match === '' && params.limit > 0 && params.revision ? params.revision : undefined;
}

/** The place of the first entry that does not come before `start`. */
function firstFrom(entries: readonly Entry[], start: string): number {
  const sort = sortKey(start);
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sortKey(entries[middle]!.key) < sort) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function fromHistory(
  parts: StorageParts,
  target: Target,
  { revision, after, limit }: { revision: number; after: string; limit: number },
  token: ContinueToken | undefined,
): Promise<Candidates> {
  const { cache } = target.storage;
  const folder = target.namespace === '' ? cache.prefix : `${cache.prefix}${target.namespace}/`;
  const { start, end } = prefixRange(folder);
  const { clock } = parts.env;
  const beganMs = clock.monotonicMs();
  try {
    const from = after === '' ? start : cache.prefix + after;
    const options = limit > 0 ? { revision, limit } : { revision };
    const { items, count } = await parts.store.range({ start: from, end }, options);
    cache.counts.storeAnswered('list', clock.monotonicMs() - beganMs);
    cache.counts.listed(cache.counts.storageLists, items.length);
    const entries = await inTurns(parts, items, (item) => {
      if (item.unreadable) throw cannotTransform(item.key, item.unreadable);
      return cache.entryOf(item.key, item.value, item.modRevision);
    });
    return { entries, from: 0, beyond: count - items.length, state: JSON.stringify([revision, after]) };
  } catch (error) {
    if (error instanceof CompactedError) throw tooOld(token);
    throw error;
  }
}

function tooOld(token: ContinueToken | undefined): Error {
  if (!token) return expired('The resourceVersion for the provided list is too old.');
  const error = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
      'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
      'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
      'deleted between the time the first chunk was returned and now may show up in the list.',
  );
  error.status.metadata.continue = encodeContinue({ revision: -1, start: token.start });
  return error;
}

function cut(
  parts: StorageParts,
  prefix: string,
  candidates: Candidates,
  limit: number,
  revision: number,
  selection: Selection,
): Page | Promise<Page> {
  const { entries, from, state, onRead } = candidates;
  const key = JSON.stringify([prefix, selection.key, limit, state]);
  if (limit <= 0) {
    onRead?.(entries.length - from);
    const { matches } = selection;
    const all = from === 0 ? entries : entries.slice(from);
    return { candidates: all, matches, key, revision, continueToken: '', remaining: undefined };
  }
  const page = (found: Found) => {
    onRead?.(found.end - from);
    return pageOf({ ...found, prefix, key, revision, candidates, selection });
  };
  if (!selection.hasSelectors) {
    const end = Math.min(entries.length, from + limit);
    return page({ chosen: entries.slice(from, end), end });
  }
  const found = search(parts, candidates, limit, selection);
  return found instanceof Promise ? found.then(page) : page(found);
}

/** What a limited search has found, and the place behind the last one it looked at. */
interface Found {
  readonly chosen: readonly Entry[];
  readonly end: number;
}

/** A promise only where there is much to look at. */
function search(
  parts: StorageParts,
  { entries, from }: Candidates,
  limit: number,
  selection: Selection,
  chosen: Entry[] = [],
): Found | Promise<Found> {
  const turnEnd = Math.min(entries.length, from + testsPerTurnMax);
  let end = from;
  for (; end < turnEnd && chosen.length < limit; end++) {
    if (selection.matches(entries[end]!)) chosen.push(entries[end]!);
  }
  if (end === entries.length || chosen.length === limit) return { chosen, end };
  const rest = { entries, from: end, beyond: 0, state: '' };
  return parts.steps.pause().then(() => search(parts, rest, limit, selection, chosen));
}

interface Cut extends Found {
  readonly prefix: string;
  readonly key: string;
  readonly revision: number;
  readonly candidates: Candidates;
  readonly selection: Selection;
}

function pageOf({ chosen, end, prefix, key, revision, candidates, selection }: Cut): Page {
  const page = { candidates: chosen, matches: isChosen, key, revision };
  const rest = candidates.entries.length - end + candidates.beyond;
  const last = candidates.entries[end - 1];
  if (rest === 0 || !last) return { ...page, continueToken: '', remaining: undefined };
  const continueToken = encodeContinue({ revision, start: `${last.key.slice(prefix.length)}\0` });
  return { ...page, continueToken, remaining: selection.hasSelectors ? undefined : rest };
}

function isChosen(): boolean {
  return true;
}

/** Each of `items`, with pauses. */
async function inTurns<A, B>(parts: StorageParts, items: readonly A[], map: (item: A) => B): Promise<B[]> {
  const mapped: B[] = [];
  for (const item of items) {
    if (mapped.length > 0 && mapped.length % parsedPerTurnMax === 0) await parts.steps.pause();
    mapped.push(map(item));
  }
  return mapped;
}
