/**
 * One page of a list, as of one revision.
 *
 * 1. Which revision: the newest, "any" (0), at least N, exactly N, or the one a continue token carries.
 * 2. While the resource has not changed since that revision, the cache answers.
 * 3. Otherwise the store's history does.
 */

import { badRequest, expired } from '#api/status.ts';
import { CompactedError, prefixRange } from '#store/store.ts';
import type { Entry } from '../cache/entry.ts';
import type { Core } from '../exchange.ts';
import { type ContinueToken, decodeContinue, encodeContinue } from './continue-token.ts';
import type { ListParams } from './list-params.ts';
import { reachRevision } from './reach-revision.ts';
import type { Selection } from './selection.ts';
import type { Target } from './target.ts';

export interface Page {
  readonly entries: readonly Entry[];
  readonly revision: number;
  readonly continueToken: string;
  readonly remaining: number | undefined;
}

/** What a page is cut from, and how many more there are that were not even read. */
interface Candidates {
  readonly entries: readonly Entry[];
  readonly beyond: number;
}

export async function readPage(
  core: Core,
  target: Target,
  params: ListParams,
  selection: Selection,
): Promise<Page> {
  const token = tokenOf(params);
  const waiting = waitFor(core, params, token);
  if (waiting) await waiting;
  const { cache } = target.storage;
  const exact = exactRevision(params, token);
  const revision = exact ?? core.cache.revision;
  const after = token?.start ?? '';
  // The cache may still hold that state, but what is compacted is gone for everyone at the same time.
  if (exact !== undefined && exact < core.store.stats().compactedRevision) throw tooOld(token);
  if (revision >= cache.lastChange) {
    const entries = fromKey(cache.prefix, cache.index.list(target.namespace || undefined), after);
    return cut(cache.prefix, { entries, beyond: 0 }, params.limit, revision, selection);
  }
  // A selector has to see everything; without one the store counts what lies behind the page.
  const limit = selection.hasSelectors ? 0 : params.limit;
  const candidates = await fromHistory(core, target, { revision, after, limit }, token);
  return cut(cache.prefix, candidates, params.limit, revision, selection);
}

function tokenOf({ continueToken, revision }: ListParams): ContinueToken | undefined {
  if (continueToken === '') return undefined;
  const token = decodeContinue(continueToken);
  if (revision) throw badRequest('specifying resource version is not allowed when using continue');
  return token;
}

function waitFor(
  core: Core,
  params: ListParams,
  token: ContinueToken | undefined,
): Promise<void> | undefined {
  if (token) return token.revision > 0 ? reachRevision(core, token.revision) : core.cache.fresh();
  if (params.revision === undefined) return core.cache.fresh();
  return reachRevision(core, params.revision);
}

function exactRevision(params: ListParams, token: ContinueToken | undefined): number | undefined {
  if (token) return token.revision > 0 ? token.revision : undefined;
  return params.match === 'Exact' ? params.revision : legacyExact(params);
}

/** A limit with a revision and no word on how to match it means exactly that revision. */
function legacyExact(params: ListParams): number | undefined {
  return params.match === '' && params.limit > 0 && params.revision ? params.revision : undefined;
}

function fromKey(prefix: string, entries: Entry[], after: string): Entry[] {
  if (after === '') return entries;
  const start = prefix + after;
  const first = entries.findIndex((entry) => entry.key >= start);
  return first < 0 ? [] : entries.slice(first);
}

async function fromHistory(
  core: Core,
  target: Target,
  { revision, after, limit }: { revision: number; after: string; limit: number },
  token: ContinueToken | undefined,
): Promise<Candidates> {
  const { cache } = target.storage;
  const folder = target.namespace === '' ? cache.prefix : `${cache.prefix}${target.namespace}/`;
  const { start, end } = prefixRange(folder);
  try {
    const from = after === '' ? start : cache.prefix + after;
    const options = limit > 0 ? { revision, limit } : { revision };
    const { items, count } = await core.store.range({ start: from, end }, options);
    const entries = items.map((item) => cache.entryOf(item.key, item.value, item.modRevision));
    return { entries, beyond: count - items.length };
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
  prefix: string,
  { entries: candidates, beyond }: Candidates,
  limit: number,
  revision: number,
  selection: Selection,
): Page {
  const all = { revision, continueToken: '', remaining: undefined };
  if (limit <= 0) {
    const entries = selection.hasSelectors ? candidates.filter(selection.matches) : candidates;
    return { ...all, entries };
  }
  const entries: Entry[] = [];
  let seen = 0;
  for (const entry of candidates) {
    if (entries.length === limit) break;
    seen++;
    if (selection.matches(entry)) entries.push(entry);
  }
  const rest = candidates.length - seen + beyond;
  const last = candidates[seen - 1];
  if (rest === 0 || !last) return { ...all, entries };
  const continueToken = encodeContinue({ revision, start: `${last.key.slice(prefix.length)}\0` });
  return { entries, revision, continueToken, remaining: selection.hasSelectors ? undefined : rest };
}
