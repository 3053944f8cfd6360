/**
 * The share of the processors that this process gets: a hundred containers that start at the same time would
 * leave the API server hardly any. What it starts has the usual share.
 */

import { writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { leadsSession } from './stat.ts';

/** Nine times the weight of another session, as `bin/supervise` gives its own. */
const sessionNice = -10;

/**
 * Where the kernel weighs sessions against each other (autogroup), and this process has one of its own, as under
 * systemd. In the background that is the supervisor's; in a terminal it is the user's shell's, which is left as it is.
 */
export function raiseOwnSession(): void {
  if (!leadsSession(process.pid)) return;
  try {
    writeFileSync('/proc/self/autogroup', String(sessionNice));
  } catch {
    // The kernel has no autogroups, or this process may not.
  }
}

/** Of the main thread before the other threads of this process. */
const mainThreadNice = -10;
const niceMin = -20;

/**
 * To be called by the main thread. V8's helper threads, one for each processor, otherwise keep it waiting for as long as
 * they collect garbage or compile while the machine is busy.
 */
export function raiseMainThread(): void {
  try {
    setPriority(Math.max(niceMin, getPriority() + mainThreadNice));
  } catch {
    // Only root may.
  }
}

/** Runs `start`, which starts a process, without the priority of this thread. */
export function withUsualPriority<T>(start: () => T): T {
  const own = getPriority();
  if (own >= 0) return start();
  setPriority(0);
  try {
    return start();
  } finally {
    setPriority(own);
  }
}
