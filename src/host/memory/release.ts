/**
 * Returns memory to the machine after a load. V8 collects garbage only while something is allocated: an idle
 * process would keep for hours what its last load used. So when the process is idle a collection is
 * triggered, if it is a short one, and then the C library's free memory is trimmed.
 */

import { openSync, readSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { Clock } from '#base/clock.ts';
import { collectGarbage } from './collect-garbage.ts';
import { trimMemory } from './trim.ts';

const checkEveryMs = 5000;
/** A thread that is busy for less than this share of the time is idle. */
const quietShareMax = 0.3;
const quietChecksMin = 3;
/**
 * While processors are contended, a collection takes five times as long: it is postponed while the thread
 * waits for more than this share.
 */
const waitShareMax = 0.2;
const putOffChecksMax = 4;
/** Growth since the last idle time that is worth a collection. */
const growthMin = 1.06;
/** A collection blocks the process, some 100 ms for this much live data. */
const livingBytesMax = 256 * 1024 * 1024;
/** Freed pages are returned within some seconds. */
const settleChecks = 4;

/** Measurements and actions. */
export interface ProcessMemory {
  residentBytes(): number;
  livingBytes(): number;
  /** Share of the time since the last call that the thread was busy. */
  busyShare(): number;
  /** Share of the time since the last call, when the thread was runnable, that it waited for a processor. */
  waitShare(): number;
  collect(): void;
  /** Returns freed memory of the C library. */
  trim(): void;
}

/** Returns a function that stops it. */
export function releaseMemoryInQuiet(clock: Clock, memory: ProcessMemory = thisProcess()): () => void {
  let leastBytes = memory.residentBytes();
  let quietChecks = 0;
  let settling = 0;
  let putOffChecks = 0;
  const check = () => {
    timer = clock.after(checkEveryMs, check);
    const bytes = memory.residentBytes();
    quietChecks = memory.busyShare() < quietShareMax ? quietChecks + 1 : 0;
    const isCrowded = memory.waitShare() > waitShareMax;
    if (settling > 0) {
      settling--;
      // Buffers are freed during the collection, and after it.
      if (settling === settleChecks - 1) memory.trim();
      // The remaining memory is in use: another collection would not help.
      if (settling === 0) leastBytes = bytes;
      return;
    }
    leastBytes = Math.min(leastBytes, bytes);
    if (quietChecks < quietChecksMin || bytes <= leastBytes * growthMin) return;
    if (isCrowded && putOffChecks++ < putOffChecksMax) return;
    putOffChecks = 0;
    if (memory.livingBytes() <= livingBytesMax) memory.collect();
    settling = settleChecks;
  };
  let timer = clock.after(checkEveryMs, check);
  return () => timer.cancel();
}

function thisProcess(): ProcessMemory {
  let last = performance.eventLoopUtilization();
  const timesNow = processorTimes();
  let times = timesNow();
  return {
    residentBytes: () => process.memoryUsage.rss(),
    livingBytes: () => process.memoryUsage().heapUsed,
    busyShare() {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, last);
      last = now;
      return utilization;
    },
    waitShare() {
      const now = timesNow();
      const [ran, waited] = [now.ranMs - times.ranMs, now.waitedMs - times.waitedMs];
      times = now;
      return waited / Math.max(ran + waited, 1);
    },
    collect: collectGarbage,
    trim: trimMemory,
  };
}

/**
 * Of the main thread. Without /proc waiting is 0. The file stays open: opening it can take long where many
 * processes end.
 */
function processorTimes(): () => { ranMs: number; waitedMs: number } {
  const file = openIfThere('/proc/self/schedstat');
  const text = Buffer.alloc(100);
  return () => {
    const { user, system } = process.threadCpuUsage();
    const length = file === undefined ? 0 : readSync(file, text, 0, text.length, 0);
    const [, waitedNanos = '0'] = text.toString('latin1', 0, length).split(' ');
    return { ranMs: (user + system) / 1000, waitedMs: Number(waitedNanos) / 1e6 };
  };
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined;
  }
}
