/** How a process that runs in the background is asked to stop. */

import { holdProcess } from '#host/processes/hold-process.ts';

export interface StopRequest {
  /** Resolves when this process is to stop. */
  readonly end: Promise<void>;
  isRequested(): boolean;
  /** From now on the end of the command that waits for this process does not end it. */
  ignoreDisconnect(): void;
}

/** By a signal, or, during the start, by the end of the command that waits for it and would report the outcome. */
export function stopRequested(): StopRequest {
  const { promise, resolve } = Promise.withResolvers<void>();
  let over = false;
  const release = holdProcess();
  const end = () => {
    over = true;
    release();
    resolve();
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.on('disconnect', end);
  return { end: promise, isRequested: () => over, ignoreDisconnect: () => process.off('disconnect', end) };
}
