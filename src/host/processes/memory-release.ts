/**
 * Gives memory back to the machine after a load. V8 collects garbage only while something is allocated: a process that falls
 * quiet would hold for hours what its last load took. So in the quiet a collection is asked for, where it is a short one, and
 * then what the C library holds.
 */

import { openSync, readSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { Clock } from '#base/clock.ts';
import { collectGarbage } from './collect-garbage.ts';
import { trimMemory } from './trim-memory.ts';

const checkEveryMs = 5000;
/** Less than this share of the thread's time is quiet. */
const quietShareMax = 0.3;
const quietChecksMin = 3;
/** Where processors are fought for, a collection takes five times as long: a larger share of waiting than this puts it off. */
const waitShareMax = 0.2;
const putOffChecksMax = 4;
/** So much more than in the last quiet is worth a collection. */
const growthMin = 1.06;
/** A collection stops everything, some 100 ms for so many bytes that live. */
const livingBytesMax = 256 * 1024 * 1024;
/** Freed pages go back within some seconds. */
const settleChecks = 4;

/** What is looked at and done. */
export interface ProcessMemory {
  residentBytes(): number;
  livingBytes(): number;
  /** The share of its time that the thread has worked since it was last asked. */
  busyShare(): number;
  /** Of the time that the thread wanted a processor since this was last asked: how much it waited for one. */
  waitShare(): number;
  collect(): void;
  /** What was freed. */
  trim(): void;
}

/** Returns how to stop. */
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
      // Buffers are freed beside the collection, and after it.
      if (settling === settleChecks - 1) memory.trim();
      // What is left at the end is in use: it would be no use to ask again.
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

/** Of the main thread. Without /proc it never waited. The file stays open: to find it can take long where many processes end. */
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
