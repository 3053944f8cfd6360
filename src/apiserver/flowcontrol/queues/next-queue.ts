/** Fair queuing: finds the queue whose oldest request would finish first by the progress meter. */

import type { LevelSeries } from '../metrics/level-series.ts';
import type { RequestQueue } from './queue-pool.ts';
import { estimatedServiceMs } from './queued-request.ts';
import { workOf } from './work.ts';

/**
 * Of several such queues the first after `lastIndex`, the queue that was dispatched from last. `waiting` has at least
 * one queue; the bounds of all are recorded in `series`.
 */
export function nextQueue(
  waiting: ReadonlySet<RequestQueue>,
  queueCount: number,
  lastIndex: number,
  series: LevelSeries,
): RequestQueue {
  const count = Math.max(queueCount, 1);
  const { nextS, nextDiscountedS } = series;
  nextS.min = nextDiscountedS.min = Number.POSITIVE_INFINITY;
  nextS.max = nextDiscountedS.max = 0;
  let [best, bestFinish, bestDistance]: [RequestQueue | undefined, number, number] = [undefined, 0, 0];
  for (const queue of waiting) {
    const discounted = queue.nextDispatchR - workOf(queue.seatsInUse, estimatedServiceMs);
    nextS.min = Math.min(nextS.min, queue.nextDispatchR);
    nextS.max = Math.max(nextS.max, queue.nextDispatchR);
    nextDiscountedS.min = Math.min(nextDiscountedS.min, discounted);
    nextDiscountedS.max = Math.max(nextDiscountedS.max, discounted);
    const finish = queue.nextDispatchR + queue.oldest!.totalWork;
    const distance = (queue.index - lastIndex - 1 + 2 * count) % count;
    if (best && (finish > bestFinish || (finish === bestFinish && distance > bestDistance))) continue;
    [best, bestFinish, bestDistance] = [queue, finish, distance];
  }
  return best!;
}
