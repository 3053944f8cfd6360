/**
 * Tells when what lives in this process's memory leaves too little of it: then it must not grow further, or the process, and
 * with a durable store every next start, would die of it.
 *
 * Only what a full garbage collection left over counts; what may be garbage does not.
 */

import { constants, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

/** A start needs more than what stays, for what it reads. */
const livingShareMax = 0.65;

export interface HeapWatch {
  readonly isShort: boolean;
  stop(): void;
}

export function watchHeap(): HeapWatch {
  let isShort = false;
  const observer = new PerformanceObserver((list) => {
    const collections = list.getEntries() as unknown as { detail: { kind: number } }[];
    const isFull = collections.some(({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR);
    if (isFull) isShort = isTooMuch(getHeapStatistics());
  });
  observer.observe({ entryTypes: ['gc'] });
  return {
    get isShort() {
      return isShort;
    },
    stop: () => observer.disconnect(),
  };
}

export function isTooMuch(heap: { used_heap_size: number; heap_size_limit: number }): boolean {
  return heap.used_heap_size > heap.heap_size_limit * livingShareMax;
}
