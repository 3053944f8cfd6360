/**
 * 500 CustomResourceDefinitions with schemas: how soon discovery and OpenAPI show one more, how long that holds the
 * server's thread, and how long the API server takes to start with all of them.
 */

import { setTimeout as wait } from 'node:timers/promises';
import { customResourceDefinitions } from '#api/generated/kinds.gen.ts';
import type { CustomResourceDefinition, JSONSchemaProps } from '#api/generated/types.gen.ts';
import { startKubeApiServer } from '#apiserver/server/kube-api-server.ts';
import { createClient } from '#client/rest/client.ts';
import { bodyBytes } from '#client/transport/body.ts';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import type { BenchRow } from '../row.ts';

const definitions = 500;
const groups = 10;
const partsOfSpec = 20;
const fieldsOfPart = 10;
const shownMaxMs = 1000;
const startMaxMs = 1000;
const heldMaxMs = 50;
const pollMs = 5;
const user = { name: 'bench', groups: ['system:masters'] };
const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

export async function customResourcesBench(): Promise<BenchRow[]> {
  const env = systemEnv();
  const store = openMemoryStore(env);
  const pki = await ensurePki({ ...env, store: memoryPkiStore(), serverAddresses: ['127.0.0.1'] });
  const start = () => startKubeApiServer({ env, store, pki, advertiseAddress: '192.0.2.1', listen: [] });
  const first = await start();
  const { create } = createClient(first.transport(user));
  for (let i = 0; i < definitions; i++) await create(customResourceDefinitions, definition(i));
  for (const document of documents) await shows(first, document, definitions - 1);
  const longestTurn = measureTurns();
  const began = performance.now();
  await create(customResourceDefinitions, definition(definitions));
  const shownMs: string[] = [];
  for (const document of documents) {
    await shows(first, document, definitions);
    shownMs.push(`${document.name} ${Math.round(performance.now() - began)}`);
  }
  const allMs = performance.now() - began;
  const heldMs = longestTurn();
  await first.stop();
  const restarted = performance.now();
  const second = await start();
  await shows(second, documents[0]!, definitions);
  const startMs = performance.now() - restarted;
  await second.stop();
  await store.close();
  const what = `${definitions} definitions of custom resources`;
  return [
    row(`${what}, one more is shown in`, `${shownMs.join(', ')} ms`, allMs, shownMaxMs),
    row(`${what}, one more holds the thread`, `${heldMs.toFixed(0)} ms`, heldMs, heldMaxMs),
    row(`${what}, start`, `${startMs.toFixed(0)} ms`, startMs, startMaxMs),
  ];
}

/**
 * The returned function stops it, and returns the processor time of the longest turn of the event loop: the time on the
 * clock would also count what else runs on the machine.
 */
function measureTurns(): () => number {
  let longestUs = 0;
  let isOver = false;
  let before = process.threadCpuUsage();
  const turn = () => {
    const { user, system } = process.threadCpuUsage(before);
    longestUs = Math.max(longestUs, user + system);
    if (isOver) return;
    before = process.threadCpuUsage();
    setImmediate(turn);
  };
  setImmediate(turn);
  return () => {
    isOver = true;
    return longestUs / 1000;
  };
}

function row(what: string, value: string, ms: number, maxMs: number): BenchRow {
  return { what, value, ceiling: `${maxMs} ms allowed`, ratio: maxMs / ms, floor: 1 };
}

type Server = Awaited<ReturnType<typeof startKubeApiServer>>;

interface Document {
  readonly name: string;
  readonly accept: string;
  path(group: string): string;
}

const documents: readonly Document[] = [
  { name: 'discovery', accept: aggregated, path: () => '/apis' },
  { name: 'OpenAPI v3', accept: 'application/json', path: (group) => `/openapi/v3/apis/${group}/v1` },
  { name: 'OpenAPI v2', accept: 'application/json', path: () => '/openapi/v2' },
];

/** Resolves when the document has the kind of this definition. */
async function shows(server: Server, { path, accept }: Document, number: number): Promise<void> {
  const asked = { method: 'GET', path: path(groupOf(number)), headers: { accept } };
  for (;;) {
    const answer = await server.transport(user).request(asked);
    const { buffer, byteOffset, length } = await bodyBytes(answer);
    if (Buffer.from(buffer, byteOffset, length).includes(`"Thing${number}"`)) return;
    await wait(pollMs);
  }
}

function groupOf(number: number): string {
  return `g${number % groups}.bench.example.com`;
}

function definition(number: number): CustomResourceDefinition {
  const group = groupOf(number);
  const names = { plural: `thing${number}s`, singular: `thing${number}`, kind: `Thing${number}` };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: specSchema() } } };
  return {
    metadata: { name: `${names.plural}.${group}` },
    spec: {
      group,
      names,
      scope: 'Namespaced',
      versions: [{ name: 'v1', served: true, storage: true, subresources: { status: {} }, schema }],
    },
  };
}

function specSchema(): JSONSchemaProps {
  const field = {
    type: 'string',
    maxLength: 64,
    description: 'A setting, described in as many words as usual.',
  };
  const part = { type: 'object', properties: numbered('field', fieldsOfPart, field) };
  return { type: 'object', properties: numbered('part', partsOfSpec, part) };
}

function numbered<T>(name: string, count: number, value: T): Record<string, T> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name}${i}`, value]));
}
