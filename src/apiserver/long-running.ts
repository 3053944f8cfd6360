/** Which requests may stay open: they are not limited, not timed out, and counted apart. */

import type { RequestInfo } from './contract.ts';
import { booleanOf } from './stages/parse-request.ts';

const streamingSubresources = new Set(['attach', 'exec', 'portforward', 'proxy']);

export function isLongRunning(info: RequestInfo): boolean {
  if (!info.isResource) return false;
  if (info.verb === 'watch' || streamingSubresources.has(info.subresource)) return true;
  return info.subresource === 'log' && booleanOf(info.query, 'follow');
}
