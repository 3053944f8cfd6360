/**
 * How long request bodies of up to three megabytes, built to be expensive, occupy the one thread: at most a
 * fifth of a second each.
 */

import { startKubeApiServer } from '#apiserver/server/kube-api-server.ts';
import type { Transport } from '#client/transport/transport.ts';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import type { BenchRow } from '../row.ts';
import { accessBodies } from './access.ts';
import { admissionBodies } from './admission.ts';
import { type Body, created, keys, many, maps } from './body.ts';
import { configurationsBodies } from './configurations.ts';
import { customObjectsBodies } from './custom-objects.ts';
import { definitionsBodies } from './definitions.ts';
import { encodingsBodies } from './encodings.ts';
import { fieldManagersBodies } from './field-managers.ts';
import { objectsBodies } from './objects.ts';
import { workloadsBodies } from './workloads.ts';

export async function bodiesBench(): Promise<BenchRow[]> {
  const env = systemEnv();
  const store = openMemoryStore(env);
  const pki = await ensurePki({ ...env, store: memoryPkiStore() });
  const server = await startKubeApiServer({ env, store, pki, advertiseAddress: '192.0.2.1' });
  const transport = server.transport({ name: 'kubernetes-admin', groups: ['system:masters'] });
  await threadMs(transport, created('serviceaccounts', '{"metadata":{"name":"default"}}'));
  await threadMs(transport, [
    'POST',
    maps,
    'application/json',
    '{"metadata":{"name":"old"},"data":{"k":"v"}}',
  ]);
  await threadMs(
    transport,
    created('configmaps', `{"metadata":{"name":"large"},"data":{${keys((key) => `"${key}":"v"`)}}}`),
  );
  const largePod = `{"metadata":{"name":"many"},"spec":{"containers":[${many(3000, (i) => `{"name":"c${i}","image":"i"}`)}]}}`;
  await threadMs(transport, created('pods', largePod));
  const rows: BenchRow[] = [];
  for (const [what, body] of [
    ...objectsBodies,
    ...fieldManagersBodies,
    ...definitionsBodies,
    ...admissionBodies,
    ...accessBodies,
    ...configurationsBodies,
    ...customObjectsBodies,
    ...encodingsBodies,
    ...workloadsBodies,
  ]) {
    const ms = await threadMs(transport, body);
    if (what === '') continue;
    rows.push({ what: `3 MB body: ${what}, main thread`, value: `${ms} ms`, ceiling: '', ratio: undefined });
  }
  await server.stop();
  await store.close();
  return rows;
}

async function threadMs(transport: Transport, [method, path, type, body]: Body): Promise<number> {
  const request = { method, path, headers: { 'content-type': type }, body: Buffer.from(body) };
  const before = process.threadCpuUsage();
  const { status } = await transport.request(request);
  if (status === 201 && typeof body === 'string') await served(transport, body);
  const { user, system } = process.threadCpuUsage(before);
  return Math.round((user + system) / 1000);
}

const turnsMax = 50;
const turnMs = 20;

/** What a definition costs includes what it costs to serve it; one whose status has no room is never served. */
async function served(transport: Transport, text: string): Promise<void> {
  const [, plural] = /^\{"metadata":\{"name":"(\w+)\.x\.example"/.exec(text) ?? [];
  if (!plural) return;
  const request = { method: 'GET', path: `/apis/x.example/v1/${plural}`, headers: {} };
  for (let turn = 0; turn < turnsMax; turn++) {
    const { status } = await transport.request(request);
    if (status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, turnMs));
  }
}
