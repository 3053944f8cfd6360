/** How long the event loop of a benchmark's server is held up between two messages of its parent, `begin` and `end`. */

import { monitorEventLoopDelay } from 'node:perf_hooks';

/** The timer of the histogram fires this often: what is longer is delay. */
const resolutionMs = 1;

export function answerLoopDelay(): void {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  process.on('message', (message) => {
    if (message === 'begin') {
      histogram.reset();
      histogram.enable();
    } else if (message === 'end') {
      histogram.disable();
      process.send!(histogram.percentile(99) / 1e6 - resolutionMs);
    }
  });
}
