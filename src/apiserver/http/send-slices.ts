/**
 * Writes bytes as their reader takes them, so that a large list is not queued whole for each slow reader, and
 * gives up one that takes nothing any more.
 */

import type { Writable } from 'node:stream';
import type { Clock } from '#base/clock.ts';

export interface Patience {
  readonly clock: Clock;
  readonly stalledMs: number;
}

export const sliceBytesMax = 128 * 1024;

export async function sendSlices(
  response: Writable,
  pieces: readonly Uint8Array[],
  patience: Patience,
): Promise<void> {
  for (const piece of pieces) {
    for (let start = 0; start < piece.length; start += sliceBytesMax) {
      if (response.destroyed) return;
      const slice = piece.subarray(start, start + sliceBytesMax);
      if (!response.write(slice)) await drained(response, patience);
    }
  }
  if (!response.destroyed) response.end();
}

function drained(response: Writable, { clock, stalledMs }: Patience): Promise<void> {
  return new Promise((resolve) => {
    const stalled = clock.after(stalledMs, () => response.destroy());
    const go = () => {
      stalled.cancel();
      response.off('drain', go);
      response.off('close', go);
      resolve();
    };
    response.on('drain', go);
    response.on('close', go);
  });
}
