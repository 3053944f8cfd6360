/** A thread beside a run that ends the process, and says where it was, when its event loop stands still. */

import { writeSync } from 'node:fs';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

const stillMaxMs = 60_000;
const everyMs = 1000;

interface Beats {
  readonly beats: Int32Array;
  readonly seed: number;
}

/** The caller counts up `beat` as the cases go on. */
export function startWatchdog(seed: number): { beat(number: number): void; stop(): Promise<unknown> } {
  const beats = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL(import.meta.url), { workerData: { beats, seed } });
  worker.unref();
  return {
    beat(number) {
      Atomics.add(beats, 0, 1);
      Atomics.store(beats, 1, number);
    },
    stop: () => worker.terminate(),
  };
}

function watch({ beats, seed }: Beats): void {
  let last = -1;
  let stillMs = 0;
  setInterval(() => {
    const now = Atomics.load(beats, 0);
    stillMs = now === last ? stillMs + everyMs : 0;
    last = now;
    if (stillMs < stillMaxMs) return;
    const number = Atomics.load(beats, 1);
    writeSync(2, `the event loop stands still: seed ${seed}, about case ${number}\n`);
    process.kill(process.pid, 'SIGKILL');
  }, everyMs);
}

if (!isMainThread && workerData !== null) watch(workerData as Beats);
