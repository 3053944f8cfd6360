/** Sets the defaults of the kind. */

import type { ObjectWrite } from '../write.ts';

export function setDefaults({ served, object }: ObjectWrite): void {
  served.strategy.setDefaults?.(object);
}
