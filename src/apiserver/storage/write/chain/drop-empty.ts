/**
 * Drops the empty lists and maps that rules have seen: what is shown from here on is as it will be read from the store,
 * with the defaults of what it has no longer.
 */

import { dropEmpty } from '#api/schema/empty-collections.ts';
import type { ObjectWrite } from '../write.ts';

export function dropEmptyCollections({ object, served }: ObjectWrite): void {
  if (dropEmpty(object, !served.kind.isStoredAsJson)) served.strategy.setDefaults?.(object);
}
