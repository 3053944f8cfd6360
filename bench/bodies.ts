/** What bodies of three megabytes that were made to cost much take of the one thread: no more than a fifth of a second each. */

import { startKubeApiServer } from '#apiserver/kube-api-server.ts';
import { ensurePki, memoryPkiStore } from '#apiserver/pki/pki.ts';
import type { Transport } from '#client/transport.ts';
import { systemEnv } from '#host/system-env.ts';
import { openMemoryStore } from '#store/memory-store.ts';
import type { BenchRow } from './row.ts';

const maps = '/api/v1/namespaces/default/configmaps';
const many = (count: number, one: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => one(i)).join(',');

/** Method, path, type and body by what is attacked. */
const bodies: Readonly<Record<string, readonly [string, string, string, string]>> = {
  'unknown fields': [
    'POST',
    maps,
    'application/json',
    `{"metadata":{"name":"a"},${many(250_000, (i) => `"k${i}":1`)}}`,
  ],
  'doubled fields': [
    'POST',
    maps,
    'application/json',
    `{"metadata":{"name":"b"},"data":{${many(300_000, () => '"k":"v"')}}}`,
  ],
  'owners, each the controller': [
    'POST',
    maps,
    'application/json',
    `{"metadata":{"name":"c","ownerReferences":[${many(30_000, (i) => `{"apiVersion":"v1","kind":"K","name":"n${i}","uid":"u${i}","controller":true}`)}]}}`,
  ],
  labels: [
    'POST',
    maps,
    'application/json',
    `{"metadata":{"name":"d","labels":{${many(150_000, (i) => `"k${i}":"v${i}"`)}}}}`,
  ],
  'no JSON': ['POST', maps, 'application/json', `{"a":[${'1,'.repeat(1_400_000)}]`],
  'YAML keys': [
    'POST',
    maps,
    'application/yaml',
    Array.from({ length: 250_000 }, (_, i) => `k${i}: 1`).join('\n'),
  ],
  'JSON patch that copies': [
    'PATCH',
    `${maps}/old`,
    'application/json-patch+json',
    `[${many(10_000, (i) => `{"op":"copy","from":"/data","path":"/data/a${i}"}`)}]`,
  ],
  'JSON patch that moves a list': [
    'PATCH',
    `${maps}/old`,
    'application/json-patch+json',
    `[{"op":"add","path":"/x","value":[${'1,'.repeat(1_200_000)}1]},${many(9000, () => '{"op":"remove","path":"/x/0"}')}]`,
  ],
};

export async function bodiesBench(): Promise<BenchRow[]> {
  const env = systemEnv();
  const store = openMemoryStore(env);
  const pki = await ensurePki({ ...env, store: memoryPkiStore() });
  const server = await startKubeApiServer({ env, store, pki, advertiseAddress: '192.0.2.1' });
  const transport = server.transport({ name: 'kubernetes-admin', groups: ['system:masters'] });
  await threadMs(transport, [
    'POST',
    maps,
    'application/json',
    '{"metadata":{"name":"old"},"data":{"k":"v"}}',
  ]);
  const rows: BenchRow[] = [];
  for (const [what, body] of Object.entries(bodies)) {
    const ms = await threadMs(transport, body);
    rows.push({ what: `3 MB body: ${what}, main thread`, value: `${ms} ms`, ceiling: '', ratio: undefined });
  }
  await server.stop();
  await store.close();
  return rows;
}

async function threadMs(
  transport: Transport,
  [method, path, type, text]: readonly [string, string, string, string],
): Promise<number> {
  const request = { method, path, headers: { 'content-type': type }, body: Buffer.from(text) };
  const before = process.threadCpuUsage();
  await transport.request(request);
  const { user, system } = process.threadCpuUsage(before);
  return Math.round((user + system) / 1000);
}
