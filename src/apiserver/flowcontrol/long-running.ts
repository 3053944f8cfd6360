/** Which requests may stay open: they are not limited, not timed out, and counted apart. */

import type { RequestInfo } from '../contract/request-info.ts';

const streamingSubresources = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);

export function isLongRunning(info: RequestInfo): boolean {
  if (!info.isResource) return false;
  return info.verb === 'watch' || streamingSubresources.has(info.subresource);
}
