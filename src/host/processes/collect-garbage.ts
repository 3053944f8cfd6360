/** A full garbage collection of this thread, now. It stops the thread, some 100 ms for each 256 MB of live heap. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collector: (() => void) | undefined;

export function collectGarbage(): void {
  collector ??= exposedCollector();
  collector();
}

/** V8 gives the function to contexts created after the flag was set. */
function exposedCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
