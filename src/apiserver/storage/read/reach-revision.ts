/** Waits a bounded time for the cache to reach a revision the caller has seen somewhere. */

import { timeout } from '#api/meta/status.ts';
import type { StorageParts } from '../../registry/storage-parts.ts';

/** Upstream's bounds. */
const waitMaxMs = 3000;
const retryAfterSeconds = 1;

/** `text`: the revision as it was asked for; a number may round it. */
export function reachRevision(
  parts: StorageParts,
  revision: number,
  text = String(revision),
): Promise<void> | undefined {
  const reached = parts.cache.reach(revision, waitMaxMs);
  return reached?.then((isThere) => {
    if (!isThere) throw tooLarge(text, parts.cache.revision, retryAfterSeconds);
  });
}

/** For an exact revision, which the store knows already or does not have: that is not waited for. */
export function mustHaveBeen(
  parts: StorageParts,
  revision: number,
  text = String(revision),
): Promise<void> | undefined {
  if (parts.cache.revision >= revision) return undefined;
  return Promise.resolve(parts.cache.fresh()).then(() => {
    if (parts.cache.revision < revision) throw tooLarge(text, parts.cache.revision, 0);
  });
}

function tooLarge(revision: string, current: number, retryAfter: number): Error {
  const error = timeout(`Too large resource version: ${revision}, current: ${current}`, retryAfter);
  error.status.details = {
    ...error.status.details,
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
  };
  return error;
}
