/** Fills in what the kind's defaults say. */

import type { ObjectWrite } from '../write.ts';

export function setDefaults({ served, object }: ObjectWrite): void {
  served.strategy.setDefaults?.(object);
}
