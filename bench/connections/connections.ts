/**
 * New connections, with a request each: how many a second, what one costs the server's thread, and how long
 * `/readyz` takes while two hundred come at once. The ceiling is a bare `node:https` server.
 */

import { type ChildProcess, fork } from 'node:child_process';
import type { ListLoad, ListLoadResult } from '../list-load/clients.ts';
import { type Endpoint, ReadyProbe } from '../ready-probe.ts';
import type { BenchRow } from '../row.ts';
import type { ThreadTime } from './server.ts';

const warmUpConnections = 300;
const connections = 1000;
const atOnce = 200;
const bursts = 5;

interface Measured {
  readonly perSecond: number;
  /** Of the server's thread, for one connection. */
  readonly threadMs: number;
  readonly readyMaxMs: readonly number[];
}

export async function connectionsBench(): Promise<BenchRow[]> {
  const bare = await measure('bare');
  const ours = await measure('ours');
  const rate = ({ perSecond, threadMs }: Measured) =>
    `${Math.round(perSecond)} connections/s, ${threadMs.toFixed(2)} ms of the thread each`;
  const worst = ({ readyMaxMs }: Measured) => Math.max(...readyMaxMs);
  const inOrder = ({ readyMaxMs }: Measured) => readyMaxMs.map((ms) => ms.toFixed(0)).join(', ');
  return [
    {
      what: 'a new connection for each GET /readyz',
      value: rate(ours),
      ceiling: rate(bare),
      ratio: bare.threadMs / ours.threadMs,
    },
    {
      what: `${atOnce} connections at once, ${bursts} times: /readyz of another`,
      value: `max ${inOrder(ours)} ms`,
      ceiling: `max ${inOrder(bare)} ms`,
      ratio: worst(bare) / worst(ours),
    },
  ];
}

async function measure(which: 'ours' | 'bare'): Promise<Measured> {
  const server = fork(new URL('./server.ts', import.meta.url), [which]);
  const callers = fork(new URL('../list-load/clients.ts', import.meta.url));
  try {
    const endpoint = await answerOf<Endpoint>(server);
    const load = { ...endpoint, path: '/readyz', accept: '*/*', gzip: false, http2: false };
    await ask<ListLoadResult>(callers, { ...load, clients: warmUpConnections } satisfies ListLoad);
    const before = await ask<ThreadTime>(server, {});
    const { ms } = await ask<ListLoadResult>(callers, { ...load, clients: connections } satisfies ListLoad);
    const after = await ask<ThreadTime>(server, {});
    const readyMaxMs: number[] = [];
    for (let i = 0; i < bursts; i++) {
      const probe = new ReadyProbe(endpoint, server.pid!);
      await ask<ListLoadResult>(callers, { ...load, clients: atOnce } satisfies ListLoad);
      readyMaxMs.push((await probe.stop()).lagsMs.at(-1)!);
    }
    return {
      perSecond: (connections * 1000) / ms,
      threadMs: (after.threadMs - before.threadMs) / connections,
      readyMaxMs,
    };
  } finally {
    server.disconnect();
    callers.disconnect();
  }
}

function ask<T>(child: ChildProcess, question: object): Promise<T> {
  child.send(question);
  return answerOf<T>(child);
}

function answerOf<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as T));
    child.once('exit', (code) => reject(new Error(`a process of the benchmark ended with ${code}`)));
  });
}
