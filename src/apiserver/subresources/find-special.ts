/** The special handler of what a request asks for, if its resource has one for it. */

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
