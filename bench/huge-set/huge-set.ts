/**
 * A Parallel StatefulSet of 2147483647 replicas: how fast its first pods are created, and how long `/readyz`
 * takes meanwhile. The ceiling is the same pods created by a plain loop, on a server of its own.
 */

import { fork } from 'node:child_process';
import { type Endpoint, ReadyProbe } from '../ready-probe.ts';
import type { BenchRow } from '../row.ts';
import type { HugeSetResult, HugeSetTask } from './server.ts';

/** Within the burst that the controllers' write pace allows: beyond it, the pace would be measured. */
const podCount = 5_000;
const readyMaxMs = 250;

export async function hugeSetBench(): Promise<BenchRow[]> {
  const loop = await measure('loop');
  const set = await measure('set');
  const perSecond = ({ ms }: HugeSetResult) => (podCount * 1000) / ms;
  return [
    {
      what: `StatefulSet of 2147483647 replicas: its first ${podCount} pods`,
      value: `${Math.round(perSecond(set))} pods/s`,
      ceiling: `${Math.round(perSecond(loop))} pods/s`,
      ratio: perSecond(set) / perSecond(loop),
    },
    {
      what: 'the same: /readyz meanwhile',
      value: `max ${set.readyMaxMs.toFixed(0)} ms (of the plain loop ${loop.readyMaxMs.toFixed(0)} ms)`,
      ceiling: `${readyMaxMs} ms`,
      ratio: readyMaxMs / set.readyMaxMs,
      floor: 1,
    },
  ];
}

async function measure(by: HugeSetTask['by']): Promise<HugeSetResult & { readyMaxMs: number }> {
  const server = fork(new URL('./server.ts', import.meta.url));
  const answer = <T>() =>
    new Promise<T>((resolve, reject) => {
      server.once('message', (message) => resolve(message as T));
      server.once('exit', (code) => reject(new Error(`the server of the benchmark ended with ${code}`)));
    });
  try {
    const endpoint = await answer<Endpoint>();
    const probe = new ReadyProbe(endpoint, server.pid!);
    server.send({ by, podCount } satisfies HugeSetTask);
    const result = await answer<HugeSetResult>();
    const { lagsMs } = await probe.stop();
    return { ...result, readyMaxMs: lagsMs.at(-1)! };
  } finally {
    server.disconnect();
  }
}
