/** Fills in what the kind's defaults say. */

import type { Write } from '../write.ts';

export function setDefaults({ served, object }: Write): void {
  served.strategy.setDefaults?.(object);
}
