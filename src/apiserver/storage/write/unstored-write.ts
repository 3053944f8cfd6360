/**
 * A write without an object in the store: its object is only answered, or it opens a connection. An Eviction, a review,
 * `pods/exec`.
 */

import type { HandlerWrite } from '../../contract/special-handler.ts';
import type { ServedResource } from '../../registry/served-resource.ts';
import type { StorageParts } from '../../registry/storage-parts.ts';
import { tryWrite } from './try-write.ts';
import type { WriteContext } from './write.ts';

export function unstoredWrite<T>(
  parts: StorageParts,
  served: ServedResource,
  namespace: string,
  step: HandlerWrite,
  context: WriteContext,
  effect: () => Promise<T> | T,
): Promise<T> {
  return tryWrite({ ...context, ...step, parts, served, namespace, course: 'admission' }, effect);
}
