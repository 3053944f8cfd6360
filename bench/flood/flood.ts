/**
 * A flood by one user: another user's GETs meanwhile, beside those on an idle server. Server, flood and the other user
 * are separate processes.
 */

import { type ChildProcess, fork } from 'node:child_process';
import type { Endpoint } from '../ready-probe.ts';
import type { BenchRow } from '../row.ts';
import type { FloodCall, FloodResult } from './clients.ts';

const connections = 200;
const seconds = 6;
/** As the issue has it: at most twice as long. */
const slowerMax = 2;

const floods: readonly (readonly [name: string, kind: FloodCall['kind']])[] = [
  ['lists of 500 pods', 'list'],
  ['creates', 'create'],
];

export async function floodBench(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const [name, kind] of floods) rows.push(await measure(name, kind));
  return rows;
}

async function measure(name: string, kind: FloodCall['kind']): Promise<BenchRow> {
  const server = fork(new URL('./server.ts', import.meta.url));
  const clients = [1, 2].map(() => fork(new URL('./clients.ts', import.meta.url)));
  const [flooding, other] = clients as [ChildProcess, ChildProcess];
  try {
    const endpoint = await answerOf<Endpoint>(server);
    const gets = { ...endpoint, user: 'other', kind: 'get', connections: 1, seconds } as const;
    await ask(other, gets);
    const idle = await ask(other, gets);
    const flood = ask(flooding, { ...endpoint, user: 'flood', kind, connections, seconds: seconds + 4 });
    await ask(other, { ...gets, seconds: 2 });
    const busy = await ask(other, gets);
    const { requests, statuses } = await flood;
    const rate = Math.round(requests / (seconds + 4));
    return {
      what: `GET of one user while another floods with ${connections} connections of ${name}`,
      value: `p50 ${busy.p50Ms.toFixed(2)}, p99 ${busy.p99Ms.toFixed(2)} ms; flood ${rate}/s, ${JSON.stringify(statuses)}`,
      ceiling: `idle p50 ${idle.p50Ms.toFixed(2)}, p99 ${idle.p99Ms.toFixed(2)} ms`,
      ratio: idle.p99Ms / busy.p99Ms,
      floor: 1 / slowerMax,
    };
  } finally {
    server.disconnect();
    for (const client of clients) client.disconnect();
  }
}

function ask(clients: ChildProcess, call: FloodCall): Promise<FloodResult> {
  clients.send(call);
  return answerOf<FloodResult>(clients);
}

function answerOf<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as T));
    child.once('exit', (code) => reject(new Error(`a process ended with ${code}`)));
  });
}
