/** Long-running requests: they are not limited, have no deadline, and are counted apart. */

import type { RequestInfo } from '../contract/request-info.ts';

const streamingSubresources = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);

export function isLongRunning(info: RequestInfo): boolean {
  if (!info.isResource) return false;
  return info.verb === 'watch' || streamingSubresources.has(info.subresource);
}
