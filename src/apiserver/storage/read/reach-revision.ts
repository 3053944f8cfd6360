/** Waits a bounded time for the cache to reach a revision the caller has seen somewhere. */

import { timeout } from '#api/meta/status.ts';
import type { StorageParts } from '../../registry/storage-parts.ts';

/** Upstream's bound. */
const waitMaxMs = 3000;

/** `text`: the revision as it was asked for; a number may round it. */
export function reachRevision(
  parts: StorageParts,
  revision: number,
  text = String(revision),
): Promise<void> | undefined {
  const reached = parts.cache.reach(revision, waitMaxMs);
  return reached?.then((isThere) => {
    if (!isThere) throw tooLarge(text, parts.cache.revision);
  });
}

function tooLarge(revision: string, current: number): Error {
  const error = timeout(`Too large resource version: ${revision}, current: ${current}`, 1);
  error.status.details = {
    ...error.status.details,
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
  };
  return error;
}
