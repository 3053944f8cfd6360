/** Waits a bounded time for the cache to reach a revision the caller has seen somewhere. */

import { timeout } from '#api/meta/status.ts';
import type { StorageParts } from '../../registry/storage-parts.ts';

/** Upstream's bounds. */
const waitMaxMs = 3000;
const retryAfterSeconds = 1;

/** `text`: the revision as the request has it; a number may round it. */
export function waitForRevision(
  parts: StorageParts,
  revision: number,
  text = String(revision),
): Promise<void> | undefined {
  const waiting = parts.cache.waitFor(revision, waitMaxMs);
  return waiting?.then((isThere) => {
    if (!isThere) throw tooLarge(text, parts.cache.revision, retryAfterSeconds);
  });
}

/** For an exact revision, which is past or refused: a revision to come is not waited for. */
export function requirePastRevision(
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
