/**
 * Durable writes by a single client: what each costs the server's whole process, against a bare HTTPS server that
 * parses the body and commits as many bytes to SQLite, one commit a request. Nothing is shared between requests
 * here: neither a turn of the event loop, nor a commit, nor what the processor's caches hold while the disk works.
 */

import { type ChildProcess, fork } from 'node:child_process';
import type { ApiLoad } from '../api-client.ts';
import { benchPod } from '../bench-pod.ts';
import { LoadGenerator } from '../load-generator.ts';
import type { Endpoint } from '../ready-probe.ts';
import type { BenchRow } from '../row.ts';

const namespace = 'one-client';
/** As many requests as it takes until the often called code has been compiled. */
const warmUpMs = 10_000;
const warmUpClients = 16;
const runMs = 2000;
/** Ours and the ceiling take turns, so that a slow moment of the machine hits both. */
const turns = 3;

interface Measured {
  readonly port: number;
  readonly load: LoadGenerator;
  readonly child: ChildProcess;
}

interface Cost {
  micros: number;
  perSecond: number;
}

export async function oneClientBench(): Promise<BenchRow[]> {
  const servers = [
    await start(new URL('./server.ts', import.meta.url)),
    await start(new URL('./bare-server.ts', import.meta.url)),
  ];
  try {
    const rows: BenchRow[] = [];
    for (const [name, load] of Object.entries(loads())) rows.push(await row(name, load, servers));
    return rows;
  } finally {
    for (const { load, child } of servers) {
      await load.stop();
      child.disconnect();
    }
  }
}

function loads(): Readonly<Record<string, ApiLoad>> {
  const pod = { ...benchPod(namespace, 'CLIENT'), apiVersion: 'v1', kind: 'Pod' };
  const numbered = { ...pod, metadata: { ...pod.metadata, labels: { number: 'NUMBER' } } };
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const one = `${path}/CLIENT?fieldManager=bench`;
  const write = { kind: 'write', method: 'PATCH', clients: 1, runMs } as const;
  const [apply, patch] = [JSON.stringify(numbered), JSON.stringify({ metadata: numbered.metadata })];
  return {
    create: { kind: 'create', path, body: JSON.stringify(benchPod(namespace, 'NAME')), clients: 1, runMs },
    apply: { ...write, path: `${one}&force=true`, body: apply, type: 'application/apply-patch+yaml' },
    'merge patch': { ...write, path: one, body: patch, type: 'application/merge-patch+json' },
  };
}

async function row(name: string, load: ApiLoad, servers: readonly Measured[]): Promise<BenchRow> {
  for (const { port, load: generator } of servers) {
    await generator.run(port, { ...load, prefix: 'warm-up-', clients: warmUpClients, runMs: warmUpMs });
  }
  const costs = servers.map((): Cost => ({ micros: 0, perSecond: 0 }));
  for (let turn = 0; turn < turns; turn++) {
    for (const [i, server] of servers.entries()) {
      const { micros, perSecond } = await costOf(server, { ...load, prefix: `turn${turn}-` });
      costs[i]!.micros += micros / turns;
      costs[i]!.perSecond += perSecond / turns;
    }
  }
  const [ours, bare] = costs as [Cost, Cost];
  const what = `durable pod ${name}, 1 client: processor time of all threads`;
  return { what, value: textOf(ours), ceiling: textOf(bare), ratio: bare.micros / ours.micros, floor: 0.25 };
}

async function costOf({ port, load, child }: Measured, asked: ApiLoad): Promise<Cost> {
  const before = await answerOf<number>(child, 'cpu');
  const { done, perSecond } = await load.run(port, asked);
  const after = await answerOf<number>(child, 'cpu');
  return { micros: (after - before) / done, perSecond };
}

function textOf({ micros, perSecond }: Cost): string {
  return `${Math.round(micros)} µs each, ${Math.round(perSecond)}/s`;
}

async function start(file: URL): Promise<Measured> {
  const child = fork(file);
  const { port, cert, key, ca } = await answerOf<Endpoint & { cert: string; key: string }>(child);
  const load = new LoadGenerator({ admin: () => ({ certPem: cert, keyPem: key }), ca: { certPem: ca } });
  return { port, load, child };
}

function answerOf<T>(child: ChildProcess, question?: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`a process ended with ${code}`));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      resolve(message as T);
    });
    if (question) child.send(question);
  });
}
