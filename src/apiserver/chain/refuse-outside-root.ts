/** RequestInfo, and so authorization, passes over slashes in front of the path; upstream serves nothing there. */

import { NoSuchPage } from '../contract/plain-refusal.ts';
import type { Exchange } from '../request/exchange.ts';

export function refuseOutsideRoot({ info }: Exchange): undefined {
  if (info.path.startsWith('//')) throw new NoSuchPage();
}
