/** RequestInfo, and so authorization, passes over slashes in front of the path; upstream serves nothing there. */

import type { Exchange } from '../exchange.ts';
import { NoSuchPage } from '../plain-refusal.ts';

export function refuseOutsideRoot({ info }: Exchange): undefined {
  if (info.path.startsWith('//')) throw new NoSuchPage();
}
