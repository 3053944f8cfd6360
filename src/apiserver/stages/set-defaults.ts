/** Fills in what the kind's defaults say. */

import type { Write } from '../objects/write.ts';

export function setDefaults({ served, object }: Write): void {
  served.strategy.setDefaults?.(object);
}
