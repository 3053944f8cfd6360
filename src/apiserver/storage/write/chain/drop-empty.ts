/**
 * Drops the empty lists and maps that validation and admission have seen. What is stored and answered is the object as it
 * will be read from the store: dropped fields have their defaults.
 */

import { dropEmpty } from '#api/schema/empty-collections.ts';
import type { ObjectWrite } from '../write.ts';

export function dropEmptyCollections({ object, served }: ObjectWrite): void {
  if (dropEmpty(object, !served.kind.isStoredAsJson)) served.strategy.setDefaults?.(object);
}
