/**
 * Whether the live data of this process leaves too little memory: then creations are rejected, because a
 * process that grows further runs out of memory, and with a durable store at every next start too.
 *
 *   - measured: the heap and the buffers outside of it, which hold stored objects, each after a full garbage
 *     collection
 *   - limits: V8's heap limit, and the memory of the machine or of the control group, whichever is less
 *   - `regained`: V8 does not collect while nothing is allocated, so deletions show only after a triggered
 *     collection
 */

import { totalmem } from 'node:os';
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Clock } from '#base/clock.ts';
import { collectGarbage } from './collect-garbage.ts';

/** A start needs more heap than the live data, to read it. */
const heapShareMax = 0.65;
/** The rest is for pods, other processes and the page cache. */
const memoryShareMax = 0.5;
/** V8 frees dead buffers in the background after a collection. */
const sweepMs = 200;
/** Bounds triggered collections to a twentieth of the time. */
const restFactor = 20;
const restMinMs = 5_000;

export interface MemoryWatch {
  readonly isShort: boolean;
  /** Collects garbage, unless that was done recently, and resolves with whether memory is sufficient then. */
  regained(): Promise<boolean>;
  stop(): void;
}

export interface LiveMemory {
  readonly heapBytes: number;
  readonly heapLimitBytes: number;
  readonly bufferBytes: number;
  readonly memoryLimitBytes: number;
}

/** Measurements of the process. */
export interface WatchedProcess {
  memory(): LiveMemory;
  collect(): void;
  /** Returns a function that unsubscribes. */
  onFullCollection(callback: () => void): () => void;
}

export function watchMemory(clock: Clock, watched: WatchedProcess = thisProcess()): MemoryWatch {
  let isShort = false;
  let heapBytes = 0;
  let restsUntilMs = Number.NEGATIVE_INFINITY;
  let measured: Promise<void> | undefined;
  let finish = () => {};

  /** The heap is measured at once, the buffers when they have been freed. */
  function measure(): void {
    heapBytes = watched.memory().heapBytes;
    measured ??= new Promise((resolve) => {
      const done = () => {
        timer.cancel();
        measured = undefined;
        isShort = isTooMuch({ ...watched.memory(), heapBytes });
        resolve();
      };
      const timer = clock.after(sweepMs, done);
      finish = done;
    });
  }

  async function regained(): Promise<boolean> {
    const beganMs = clock.monotonicMs();
    if (beganMs >= restsUntilMs) {
      watched.collect();
      const tookMs = clock.monotonicMs() - beganMs;
      restsUntilMs = beganMs + Math.max(restMinMs, restFactor * tookMs);
      measure();
    }
    await measured;
    return !isShort;
  }

  const stopObserving = watched.onFullCollection(measure);
  return {
    get isShort() {
      return isShort;
    },
    regained,
    stop() {
      stopObserving();
      if (measured) finish();
    },
  };
}

export function isTooMuch({ heapBytes, heapLimitBytes, bufferBytes, memoryLimitBytes }: LiveMemory): boolean {
  if (heapBytes > heapLimitBytes * heapShareMax) return true;
  return heapBytes + bufferBytes > memoryLimitBytes * memoryShareMax;
}

function thisProcess(): WatchedProcess {
  const memoryLimitBytes = memoryLimit();
  return {
    memory() {
      const { used_heap_size, heap_size_limit, external_memory } = getHeapStatistics();
      return {
        heapBytes: used_heap_size,
        heapLimitBytes: heap_size_limit,
        bufferBytes: external_memory,
        memoryLimitBytes,
      };
    },
    collect: collectGarbage,
    onFullCollection(callback) {
      const observer = new PerformanceObserver((list) => {
        const collections = list.getEntries() as unknown as { detail: { kind: number } }[];
        if (collections.some(({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR)) callback();
      });
      observer.observe({ entryTypes: ['gc'] });
      return () => observer.disconnect();
    },
  };
}

/** Limit of the control group, version 1 or 2, if there is one. */
function memoryLimit(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
