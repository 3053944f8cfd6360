/** How many objects a resource has, and about how large they are: for estimates that may not cost anything. */

import type { RequestInfo } from '../contract/request-info.ts';
import type { StoredSize } from '../flowcontrol/work-estimate.ts';
import type { Resources } from './resources.ts';

/** Undefined where this server stores nothing of it. */
export function storedSize(
  resources: Resources,
  { group, version, resource }: RequestInfo,
): StoredSize | undefined {
  const index = resources.find(group, version, resource)?.storage?.cache.index;
  if (!index) return undefined;
  const objects = index.size;
  if (objects === 0) return { objects, objectBytes: 0 };
  const entries = index.list(undefined);
  const samples = [0, objects >> 1, objects - 1].map((i) => entries[i]!.value.length);
  return { objects, objectBytes: samples.reduce((sum, bytes) => sum + bytes, 0) / samples.length };
}
