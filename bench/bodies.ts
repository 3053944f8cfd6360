/** What bodies of up to three megabytes that were made to cost much take of the one thread: no more than a fifth of a second each. */

import { startKubeApiServer } from '#apiserver/kube-api-server.ts';
import type { Transport } from '#client/transport/transport.ts';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import type { BenchRow } from './row.ts';

const maps = '/api/v1/namespaces/default/configmaps';
const many = (count: number, one: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => one(i)).join(',');

const created = (resource: string, body: string) =>
  ['POST', `/api/v1/namespaces/default/${resource}`, 'application/json', body] as const;
const podOf = (containers: string, more = '') =>
  `{"metadata":{"name":"p"},"spec":{"containers":[${containers}]${more}}}`;

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
  annotations: created(
    'configmaps',
    `{"metadata":{"name":"e","annotations":{${many(150_000, (i) => `"k${i}":"v${i}"`)}}}}`,
  ),
  finalizers: created(
    'configmaps',
    `{"metadata":{"name":"f","finalizers":[${many(300_000, (i) => `"${i}/"`)}]}}`,
  ),
  'managed fields': created(
    'configmaps',
    `{"metadata":{"name":"g","managedFields":[${many(30_000, (i) => `{"manager":"m${i}","operation":"Apply","apiVersion":"v1","fieldsV1":{"f:a":{}}}`)}]}}`,
  ),
  'data keys': created(
    'configmaps',
    `{"metadata":{"name":"h"},"data":{${many(150_000, (i) => `"k ${i}":"v"`)}}}`,
  ),
  'names of resources': created(
    'pods',
    podOf(`{"name":"c","image":"i","resources":{"limits":{${many(230_000, (i) => `"r${i}":1`)}}}}`),
  ),
  'quantities of 10,000 digits': created(
    'pods',
    podOf(
      many(280, (i) => `{"name":"c${i}","image":"i","resources":{"limits":{"cpu":"${'7'.repeat(9_990)}"}}}`),
    ),
  ),
  containers: created('pods', podOf(many(100_000, (i) => `{"name":"c${i}","image":"i"}`))),
  'empty containers': created('pods', podOf(many(1_000_000, () => '{}'))),
  'container ports': created(
    'pods',
    podOf(`{"name":"c","image":"i","ports":[${many(120_000, (i) => `{"containerPort":${i}}`)}]}`),
  ),
  environment: created(
    'pods',
    podOf(`{"name":"c","image":"i","env":[${many(120_000, (i) => `{"name":"n${i}","value":"v"}`)}]}`),
  ),
  tolerations: created(
    'pods',
    podOf('{"name":"c","image":"i"}', `,"tolerations":[${many(900_000, () => '{}')}]`),
  ),
  volumes: created(
    'pods',
    podOf(
      '{"name":"c","image":"i"}',
      `,"volumes":[${many(100_000, (i) => `{"name":"v${i}","emptyDir":{}}`)}]`,
    ),
  ),
  'ranges of limits': created(
    'limitranges',
    `{"metadata":{"name":"i"},"spec":{"limits":[${many(50_000, (i) => `{"type":"Container","max":{"r${i}/x":"1"}}`)}]}}`,
  ),
  'service ports': created(
    'services',
    `{"metadata":{"name":"j"},"spec":{"ports":[${many(120_000, (i) => `{"name":"p${i}","port":${i}}`)}]}}`,
  ),
  'addresses of endpoints': created(
    'endpoints',
    `{"metadata":{"name":"k"},"subsets":[{"addresses":[${many(150_000, (i) => `{"ip":"10.${i >> 16}.${(i >> 8) & 255}.${i & 255}"}`)}],"ports":[{"port":1}]}]}`,
  ),
  'rules of a role': [
    'POST',
    '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    'application/json',
    `{"metadata":{"name":"l"},"rules":[${many(900_000, () => '{}')}]}`,
  ],
  'no JSON': ['POST', maps, 'application/json', `{"a":[${'1,'.repeat(1_400_000)}]`],
  'YAML keys': [
    'POST',
    maps,
    'application/yaml',
    Array.from({ length: 250_000 }, (_, i) => `k${i}: 1`).join('\n'),
  ],
  'merge patch of keys': [
    'PATCH',
    `${maps}/old`,
    'application/merge-patch+json',
    `{"data":{${many(200_000, (i) => `"k${i}":"v"`)}}}`,
  ],
  'strategic patch that takes keys away': [
    'PATCH',
    `${maps}/old`,
    'application/strategic-merge-patch+json',
    `{"data":{${many(200_000, (i) => `"k${i}":null`)}}}`,
  ],
  'strategic patch of a pod that may not change': [
    'PATCH',
    '/api/v1/namespaces/default/pods/many',
    'application/strategic-merge-patch+json',
    `{"spec":{"containers":[{"name":"c0","env":[${many(60_000, (i) => `{"name":"n${i}","value":"v"}`)}]}]}}`,
  ],
  'merge patch of a pod that may not change': [
    'PATCH',
    '/api/v1/namespaces/default/pods/many',
    'application/merge-patch+json',
    `{"spec":{"containers":[${many(3000, (i) => `{"name":"c${i}","image":"i","command":["c${i}"]}`)}]}}`,
  ],
  'node ports': created(
    'services',
    `{"metadata":{"name":"n"},"spec":{"type":"NodePort","ports":[${many(40_000, (i) => `{"name":"p${i}","port":${i + 1}}`)}]}}`,
  ),
  'labels of a secret': created(
    'secrets',
    `{"metadata":{"name":"s","labels":{${many(100_000, (i) => `"k${i}":"v${i}"`)}}}}`,
  ),
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
  await threadMs(transport, created('serviceaccounts', '{"metadata":{"name":"default"}}'));
  await threadMs(transport, [
    'POST',
    maps,
    'application/json',
    '{"metadata":{"name":"old"},"data":{"k":"v"}}',
  ]);
  const largePod = `{"metadata":{"name":"many"},"spec":{"containers":[${many(3000, (i) => `{"name":"c${i}","image":"i"}`)}]}}`;
  await threadMs(transport, created('pods', largePod));
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
