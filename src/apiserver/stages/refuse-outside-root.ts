/** RequestInfo, and so authorization, passes over slashes in front of the path; upstream serves nothing there. */

import { NoSuchPage } from '../encode/plain-refusal.ts';
import type { Exchange } from '../exchange.ts';

export function refuseOutsideRoot({ info }: Exchange): undefined {
  if (info.path.startsWith('//')) throw new NoSuchPage();
}
