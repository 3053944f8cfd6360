/**
 * The API server's hot paths over HTTPS, each against a server that does nothing but send the same bytes: GET
 * of one pod and LIST of 10,000 in JSON, in protobuf and as a Table, durable creation by 64 clients, and 200 and
 * 1,000 watchers of 100 events a second.
 *
 * The clients run in threads of their own and share the machine's cores with the server, ours and the bare
 * one alike.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { namespaces, pods, serviceAccounts } from '#api/generated/kinds.gen.ts';
import { startKubeApiServer } from '#apiserver/server/kube-api-server.ts';
import { createClient } from '#client/rest/client.ts';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore, type Pki } from '#pki/pki.ts';
import { openSqliteStore } from '#store/sqlite/store.ts';
import type { ApiLoad } from './api-client.ts';
import { benchPod } from './bench-pod.ts';
import { LoadGenerator } from './load-generator.ts';
import type { BenchRow } from './row.ts';
import { rawWritesPerSecond } from './store.ts';

const podCount = 10_000;
const clients = 64;
const runMs = 2000;
const watcherCounts = [200, 1000];
const eventsPerSecond = 100;
/**
 * Both are measured after their code has been compiled: otherwise the figure would be that of a server's
 * first ten seconds.
 */
const warmUpMs = 10_000;
/** Ours and the ceiling take turns, so that a slow moment of the machine hits both. */
const turns = 3;

export async function apiBench(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'kybern-bench-api-'));
  const env = systemEnv();
  const store = await openSqliteStore({ env, path: join(folder, 'store.db') });
  const pki = await ensurePki({ ...env, store: memoryPkiStore(), serverAddresses: ['127.0.0.1'] });
  const server = await startKubeApiServer({
    env,
    store,
    pki,
    advertiseAddress: '192.0.2.1',
    listen: [{ host: '127.0.0.1', port: 0 }],
  });
  const client = createClient(server.transport({ name: 'bench', groups: ['system:masters'] }));
  const port = Number(new URL(server.urls[0]!).port);
  const bench: Bench = { port, pki, folder, client, load: new LoadGenerator(pki) };
  try {
    const watched = watcherCounts.map((count) => `watch-${count}`);
    await inTurn(['bench', 'create', 'write', ...watched], (name) => makeNamespace(client, name));
    const gets = await inTurn(forms.slice(0, 2), (form) => getRow(bench, form));
    const writes = [...(await createRows(bench)), ...(await writeRows(bench))];
    const watches = await inTurn(watcherCounts, (count) => watchRow(bench, count));
    await fill(client);
    return [...gets, ...writes, ...watches, ...(await inTurn(forms, (form) => listRow(bench, form)))];
  } finally {
    await bench.load.stop();
    await server.stop();
    await store.close();
    rmSync(folder, { recursive: true });
  }
}

/** How a client asks for objects. */
interface Form {
  readonly name: string;
  readonly accept: string;
  /** Of a list. */
  readonly floor?: number;
}

const forms: readonly Form[] = [
  { name: 'JSON', accept: 'application/json', floor: 0.5 },
  { name: 'protobuf', accept: 'application/vnd.kubernetes.protobuf', floor: 0.4 },
  { name: 'a Table', accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
];

async function inTurn<A, B>(items: readonly A[], work: (item: A) => Promise<B>): Promise<B[]> {
  const done: B[] = [];
  for (const item of items) done.push(await work(item));
  return done;
}

/** The measured server, and the thread of clients. */
interface Bench {
  readonly port: number;
  readonly pki: Pki;
  readonly folder: string;
  /** Inside the server's process. */
  readonly client: ReturnType<typeof createClient>;
  readonly load: LoadGenerator;
}

async function getRow(bench: Bench, { name, accept }: Form): Promise<BenchRow> {
  if (name === 'JSON') await bench.client.create(pods, benchPod('bench', 'one'));
  const path = '/api/v1/namespaces/bench/pods/one';
  const { ours, bare } = await againstBare(bench, { kind: 'get', path, accept, clients: 16, runMs });
  return rateRow(`GET one pod, ${name}`, 'requests/s', ours, bare, 0.5);
}

async function listRow(bench: Bench, { name, accept, floor }: Form): Promise<BenchRow> {
  const path = '/api/v1/namespaces/bench/pods';
  const { ours, bare } = await againstBare(bench, { kind: 'get', path, accept, clients: 1, runMs });
  return rateRow(`LIST ${podCount} pods, ${name}`, 'lists/s', ours, bare, floor);
}

/**
 * Against a thread that only writes the same bytes, and, beside it, against the minimum that HTTPS and JSON
 * cost.
 */
async function createRows({ port, pki, folder, load }: Bench): Promise<BenchRow[]> {
  const body = JSON.stringify(benchPod('create', 'NAME'));
  const path = '/api/v1/namespaces/create/pods';
  const creating: ApiLoad = { kind: 'create', path, body, clients, runMs };
  const valueBytes = storedLength(await load.download(port, '/api/v1/namespaces/bench/pods/one'));
  const bare = await startBare('./api-bare-create.ts', pki, { path: join(folder, 'bare.db') });
  const sum = { ours: 0, raw: 0, bare: 0, cpuMicros: 0 };
  try {
    for (const to of [port, bare.port]) {
      await load.run(to, { ...creating, prefix: 'warm-up-', runMs: warmUpMs });
    }
    for (let turn = 0; turn < turns; turn++) {
      const prefix = `turn${turn}-`;
      const before = process.threadCpuUsage();
      const { perSecond, done } = await load.run(port, { ...creating, prefix });
      const { user, system } = process.threadCpuUsage(before);
      sum.ours += perSecond / turns;
      sum.cpuMicros += (user + system) / done / turns;
      sum.raw += (await rawWritesPerSecond(join(folder, `raw-${turn}.db`), clients, valueBytes)) / turns;
      sum.bare += (await load.run(bare.port, { ...creating, prefix })).perSecond / turns;
    }
  } finally {
    await bare.stop();
  }
  const what = `durable pod create, ${clients} clients`;
  const row = rateRow(what, 'pods/s', sum.ours, sum.raw, 0.15);
  const value = `${row.value}, ${Math.round(sum.cpuMicros)} µs of the server's thread each`;
  return [
    { ...row, value },
    rateRow(`${what}, against bare HTTPS with JSON and group commit`, 'pods/s', sum.ours, sum.bare),
  ];
}

/**
 * A pod whose fields have managers, with one changed label: updated, and applied by its manager; and applied with no
 * change. An apply may cost twice what an update does.
 */
async function writeRows({ port, folder, load }: Bench): Promise<BenchRow[]> {
  const pod = benchPod('write', 'CLIENT');
  // A volume of its own would differ from pod to pod.
  const spec = { ...pod.spec!, automountServiceAccountToken: false };
  const applied = { ...pod, apiVersion: 'v1', kind: 'Pod', spec };
  const labels = { ...applied.metadata!.labels, number: 'NUMBER' };
  const body = JSON.stringify({ ...applied, metadata: { ...applied.metadata, labels } });
  const path = '/api/v1/namespaces/write/pods/CLIENT?fieldManager=bench';
  const write = { kind: 'write', path, body, clients, runMs } as const;
  const type = 'application/apply-patch+yaml';
  const apply: ApiLoad = { ...write, method: 'PATCH', path: `${path}&force=true`, type };
  await load.run(port, { ...apply, runMs: warmUpMs });
  const stored = JSON.parse(
    Buffer.from(await load.download(port, '/api/v1/namespaces/write/pods/0')).toString(),
  );
  const replacement = JSON.stringify({ ...stored, metadata: { ...applied.metadata, labels } });
  const loads: Readonly<Record<string, ApiLoad>> = {
    update: { ...write, method: 'PUT', path: `${path}-update`, body: replacement },
    apply,
    'apply (no change)': { ...write, method: 'PATCH', type, body: JSON.stringify(applied) },
  };
  await load.run(port, { ...loads['update']!, runMs: warmUpMs });
  const micros = new Map<string, number>();
  const rates = new Map<string, number>();
  let raw = 0;
  for (let turn = 0; turn < turns; turn++) {
    for (const [name, each] of Object.entries(loads)) {
      const before = process.threadCpuUsage();
      const { perSecond, done } = await load.run(port, each);
      const { user, system } = process.threadCpuUsage(before);
      micros.set(name, (micros.get(name) ?? 0) + (user + system) / done / turns);
      rates.set(name, (rates.get(name) ?? 0) + perSecond / turns);
    }
    raw += (await rawWritesPerSecond(join(folder, `raw-write-${turn}.db`), clients, body.length)) / turns;
  }
  const ofThread = (name: string) => `${Math.round(micros.get(name)!)} µs of the server's thread`;
  return Object.keys(loads).flatMap((name) => {
    const row = rateRow(`durable pod ${name}, ${clients} clients`, 'pods/s', rates.get(name)!, raw);
    if (name === 'update') return [row];
    const ratio = micros.get('update')! / micros.get(name)!;
    const against = {
      what: `pod ${name}, against update`,
      value: ofThread(name),
      ceiling: ofThread('update'),
    };
    return [...(name === 'apply' ? [row] : []), { ...against, ratio, floor: 0.5 }];
  });
}

/** The store keeps objects without resourceVersion; readers get it spliced in. */
function storedLength(served: Uint8Array): number {
  const text = Buffer.from(served).toString();
  return Buffer.byteLength(text.replace(/"resourceVersion":"\d+",/, ''));
}

async function watchRow({ port, load }: Bench, watchers: number): Promise<BenchRow> {
  const namespace = `watch-${watchers}`;
  // Small events: at 3 kB each the benchmark would measure the encryption of 300 MB/s.
  const body = JSON.stringify({
    metadata: { name: 'NAME', namespace },
    data: { text: 'x'.repeat(200) },
  });
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const watching: ApiLoad = { kind: 'watch', path, body, clients: watchers, runMs: 5000, eventsPerSecond };
  const { events, expected, p99Ms } = await load.run(port, watching);
  const lost = expected - events;
  return {
    what: `watch: ${watchers} watchers × ${eventsPerSecond} events/s, p99 lag`,
    value: `${p99Ms.toFixed(0)} ms, ${lost} of ${expected} lost`,
    ceiling: '250 ms',
    ratio: lost === 0 ? 250 / p99Ms : 0,
    floor: 1,
  };
}

async function againstBare({ port, pki, load }: Bench, asking: ApiLoad) {
  const bare = await startBare('./api-bare.ts', pki, {
    bytes: await load.download(port, asking.path, asking.accept),
  });
  try {
    for (const to of [port, bare.port]) await load.run(to, asking);
    const sum = { ours: 0, bare: 0 };
    for (let turn = 0; turn < turns; turn++) {
      sum.ours += (await load.run(port, asking)).perSecond / turns;
      sum.bare += (await load.run(bare.port, asking)).perSecond / turns;
    }
    return sum;
  } finally {
    await bare.stop();
  }
}

async function startBare(file: string, pki: Pki, more: object) {
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: { cert: pki.server.certPem, key: pki.server.keyPem, ca: pki.ca.certPem, ...more },
  });
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return { port, stop: () => worker.terminate() };
}

/** With the ServiceAccount that admission requires; no controller runs here to create it. */
async function makeNamespace(client: Bench['client'], name: string): Promise<void> {
  await client.create(namespaces, { metadata: { name } });
  await client.create(serviceAccounts, { metadata: { name: 'default', namespace: name } });
}

async function fill(client: Bench['client']): Promise<void> {
  let next = 0;
  const work = async () => {
    for (let i = next++; i < podCount - 1; i = next++) {
      await client.create(pods, benchPod('bench', `pod-${i}`));
    }
  };
  await Promise.all(Array.from({ length: clients }, work));
}

function rateRow(what: string, unit: string, ours: number, ceiling: number, floor?: number): BenchRow {
  const rate = (value: number) => `${value < 100 ? value.toFixed(1) : Math.round(value)} ${unit}`;
  return {
    what,
    value: rate(ours),
    ceiling: rate(ceiling),
    ratio: ours / ceiling,
    ...(floor === undefined ? {} : { floor }),
  };
}
