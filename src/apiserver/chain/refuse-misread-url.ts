/** Refuses a request whose URL has no meaning, with the problem that its reading found. */

import type { Exchange } from '../request/exchange.ts';

export function refuseMisreadUrl({ info }: Exchange): undefined {
  if (info.problem) throw info.problem;
}
