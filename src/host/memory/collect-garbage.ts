/**
 * Runs a full garbage collection of this thread. It blocks the thread, some 100 ms for each 256 MB of live
 * heap.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collector: (() => void) | undefined;

export function collectGarbage(): void {
  collector ??= exposedCollector();
  collector();
}

/** V8 exposes the function in contexts created after the flag was set. */
function exposedCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
