/** A pod in the scheduling queue, and what it has been through. */

import type { PodInfo } from '../cache/pod-info.ts';

export interface QueuedPod {
  info: PodInfo;
  attempts: number;
  /** Monotonic time at which it entered the queue. */
  queuedAtMs: number;
  /** Monotonic time of its first attempt; 0 before. */
  firstTriedMs: number;
  retryAtMs: number;
  sequence: number;
  /** The plugins that rejected it last time; empty when none did. */
  rejectedBy: ReadonlySet<string>;
  /** The last attempt ended in an error: the back-off must pass in full. */
  afterError: boolean;
}

export function newQueued(info: PodInfo, queuedAtMs: number, sequence: number): QueuedPod {
  return {
    info,
    attempts: 0,
    queuedAtMs,
    firstTriedMs: 0,
    retryAtMs: 0,
    sequence,
    rejectedBy: new Set(),
    afterError: false,
  };
}

export function keyOf(queued: QueuedPod): string {
  return queued.info.key;
}

/** By priority, then age. */
export function isReadyBefore(a: QueuedPod, b: QueuedPod): boolean {
  if (a.info.priority !== b.info.priority) return a.info.priority > b.info.priority;
  if (a.queuedAtMs !== b.queuedAtMs) return a.queuedAtMs < b.queuedAtMs;
  return a.sequence < b.sequence;
}
