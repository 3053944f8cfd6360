/**
 * A flood by one user: another user's GETs meanwhile, beside those on an idle server, and beside those on a bare server
 * under the same flood. Server, flood and the other user are separate processes on the same cores: server and other user
 * run in real time (`chrt`, as root), so that the flood gets what the two leave, as it would take the cores of another
 * machine, and that nothing else that runs here is measured. How long the server's event loop was held up says what of
 * the others' wait is the server's doing; the same GETs while the flood goes to another process, what is the machine's.
 */

import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import type { Endpoint } from '../ready-probe.ts';
import type { BenchRow } from '../row.ts';
import type { FloodCall, FloodResult } from './clients.ts';

const connections = 200;
const idleSeconds = 4;
const floodSeconds = 6;
const floodBeforeSeconds = 2;
/** Of chrt: the higher runs first, and both before all that is not in real time. */
const serverPriority = '1';
const otherUserPriority = '2';
/** As the issue has it: at most twice as long, where a server that does nothing is no slower itself. */
const slowerMax = 2;
const serverFile = new URL('./server.ts', import.meta.url);
const bareServerFile = new URL('./bare-server.ts', import.meta.url);
const clientsFile = new URL('./clients.ts', import.meta.url);

const floods: readonly (readonly [name: string, kind: FloodCall['kind']])[] = [
  ['lists of 500 pods', 'list'],
  ['creates', 'create'],
];

export async function floodBench(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const [name, kind] of floods) rows.push(await row(name, kind));
  return rows;
}

async function row(name: string, kind: FloodCall['kind']): Promise<BenchRow> {
  const ours = await measure(serverFile, kind);
  const bare = await measure(bareServerFile, kind, { bareListBytes: ours.listBytes });
  const apart = await measure(bareServerFile, kind, { bareListBytes: ours.listBytes, isApart: true });
  return {
    what: `GET of one user while another floods with ${connections} connections of ${name}`,
    value: `${lagsOf(ours.busy)}, ${delayOf(ours)}; flood ${flooded(ours.flood)}`,
    ceiling:
      `idle ${lagsOf(ours.idle)}; flood of another process ${lagsOf(apart.busy)}, ${flooded(apart.flood)}; ` +
      `bare server ${lagsOf(bare.busy)}, ${delayOf(bare)}, flood ${flooded(bare.flood)}`,
    ratio: Math.max(slowerMax * ours.idle.p99Ms, bare.busy.p99Ms) / ours.busy.p99Ms,
    floor: 1,
  };
}

/** With `isApart` the GETs go to an idle server of ours, while the flood goes to the measured one. */
async function measure(file: URL, kind: FloodCall['kind'], { bareListBytes = 0, isApart = false } = {}) {
  const server = fork(file, [String(bareListBytes)], inRealTime(serverPriority));
  const asked = isApart ? fork(serverFile, inRealTime(serverPriority)) : server;
  const flooding = fork(clientsFile);
  const other = fork(clientsFile, inRealTime(otherUserPriority));
  try {
    const [{ listBytes = 0, ...endpoint }, { port, ca }] = await Promise.all([
      answerOf<Endpoint & { listBytes?: number }>(server),
      answerOf<Endpoint>(asked),
    ]);
    const gets = { ...endpoint, port, ca, user: 'other', kind: 'get', connections: 1 } as const;
    await ask(other, { ...gets, seconds: idleSeconds / 2 });
    const idle = await ask(other, { ...gets, seconds: idleSeconds });
    const seconds = floodBeforeSeconds + floodSeconds + 1;
    const flood = ask(flooding, { ...endpoint, user: 'flood', kind, connections, seconds });
    await ask(other, { ...gets, seconds: floodBeforeSeconds });
    asked.send('begin');
    const busy = await ask(other, { ...gets, seconds: floodSeconds });
    asked.send('end');
    const loopP99Ms = await answerOf<number>(asked);
    return { idle, busy, loopP99Ms, listBytes, flood: { ...(await flood), seconds } };
  } finally {
    for (const child of new Set([server, asked, flooding, other])) if (child.connected) child.disconnect();
  }
}

function inRealTime(priority: string): ForkOptions {
  return { execPath: 'chrt', execArgv: ['--rr', priority, process.execPath, ...process.execArgv] };
}

function lagsOf({ p50Ms, p99Ms }: FloodResult): string {
  return `p50 ${p50Ms.toFixed(2)}, p99 ${p99Ms.toFixed(2)} ms`;
}

function delayOf({ loopP99Ms }: { readonly loopP99Ms: number }): string {
  return `event loop p99 ${loopP99Ms.toFixed(2)} ms`;
}

function flooded({ requests, seconds, statuses }: FloodResult & { readonly seconds: number }): string {
  return `${Math.round(requests / seconds)}/s ${JSON.stringify(statuses)}`;
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
