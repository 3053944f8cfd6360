/** The special handler for the resource and verb of a request, if there is one. */

import type { RequestInfo } from '../contract/request-info.ts';
import type { SpecialHandler } from '../contract/special-handler.ts';
import type { StorageParts } from '../registry/storage-parts.ts';

export function findSpecial(
  { resources }: Pick<StorageParts, 'resources'>,
  { group, version, resource, subresource, verb }: RequestInfo,
): SpecialHandler | undefined {
  const handlers = resources.find(group, version, resource)?.handlers;
  return handlers?.find((handler) => handler.subresource === subresource && handler.verbs.includes(verb));
}
