import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodes, pods } from '#api/generated/kinds.gen.ts';
import { nodeMetricses, podMetricses } from '#api/resource-metrics/kinds.ts';
import { bodyText } from '#client/transport/body.ts';
import { newPod } from '#testing/objects.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import type { MeasuredUsage, NodeStats } from '../contract/usage-source.ts';
import { metricsApi } from './metrics-api.ts';

const timestampMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const usage = (cpuNanoCores: number, memoryBytes: number): MeasuredUsage => ({
  timestampMs,
  windowMs: 15_187,
  cpuNanoCores,
  memoryBytes,
});

/** Nodes `a` and `b`, with the pods `web` and `db` in two namespaces, and a pod that nothing measures. */
async function startMeasured() {
  const stats = new Map<string, NodeStats | Error>();
  const asked: string[] = [];
  const kinds = metricsApi({
    async read(name) {
      asked.push(name);
      const found = stats.get(name);
      if (found instanceof Error) throw found;
      return found;
    },
  });
  const api = await startTestServer({ kinds });
  const { client } = api;
  for (const name of ['b', 'a']) {
    await client.create(nodes, { metadata: { name, labels: { zone: name } } });
  }
  const create = async (namespace: string, name: string, nodeName: string) => {
    const pod = newPod(name, { nodeName, containers: [{ name: 'main', image: 'i' }] }, namespace);
    await client.create(pods, { ...pod, metadata: { ...pod.metadata, labels: { app: name } } });
    return `${namespace}/${name}`;
  };
  const web = await create('default', 'web', 'a');
  const db = await create('other', 'db', 'b');
  await create('default', 'new', 'a');
  const ofA = [
    { name: 'main', ...usage(13_461_500, 40_960) },
    { name: 'side', ...usage(1_500_000, 1000) },
  ];
  stats.set('a', { node: usage(1_500_000_000, 2 ** 31), pods: new Map([[web, ofA]]) });
  stats.set('b', { pods: new Map([[db, [{ name: 'main', ...usage(0, 0) }]]]) });
  const get = async (path: string, accept = 'application/json') => {
    const answer = await api.transport.request({ method: 'GET', path, headers: { accept } });
    return JSON.parse(await bodyText(answer));
  };
  return { api, client, stats, asked, get };
}

const root = '/apis/metrics.k8s.io/v1beta1';

test('pod metrics – of measured pods – are in the form of metrics-server', async () => {
  const { api, client } = await startMeasured();
  await using _ = api;
  const { items } = await client.list(podMetricses);
  assert.deepEqual(
    items.map(({ metadata }) => metadata.name),
    ['web', 'db'],
  );
  const { metadata, ...web } = items[0]!;
  assert.deepEqual(metadata, {
    name: 'web',
    namespace: 'default',
    creationTimestamp: metadata.creationTimestamp,
    labels: { app: 'web' },
  });
  assert.deepEqual(web, {
    timestamp: '2026-01-02T03:04:05Z',
    window: '15.187s',
    containers: [
      { name: 'main', usage: { cpu: '13461500n', memory: '40Ki' } },
      { name: 'side', usage: { cpu: '1500u', memory: '1k' } },
    ],
  });
});

test('node metrics – of a node without stats – are not in the list, and not found by name', async () => {
  const { api, client } = await startMeasured();
  await using _ = api;
  const { items } = await client.list(nodeMetricses);
  assert.deepEqual(
    items.map(({ metadata, usage }) => [metadata.name, usage]),
    [['a', { cpu: '1500m', memory: '2Gi' }]],
  );
  const rejects = (name: string, message: string) =>
    assert.rejects(client.get(nodeMetricses, { name }), { code: 404, message });
  await rejects('b', 'nodemetrics.metrics.k8s.io "b" not found');
  await rejects('c', 'nodes "c" not found');
  await assert.rejects(client.get(podMetricses, { namespace: 'default', name: 'new' }), {
    code: 404,
    message: 'podmetrics.metrics.k8s.io "default/new" not found',
  });
});

test('metrics – selected by labels, fields and namespace – are of the selected objects, and ask only their nodes', async () => {
  const { api, client, asked } = await startMeasured();
  await using _ = api;
  const names = async (options: { namespace?: string; labelSelector?: string; fieldSelector?: string }) =>
    (await client.list(podMetricses, options)).items.map(({ metadata }) => metadata.name);
  assert.deepEqual(await names({ labelSelector: 'app=db' }), ['db']);
  assert.deepEqual(asked, ['b']);
  assert.deepEqual(await names({ namespace: 'default' }), ['web']);
  assert.deepEqual(await names({ fieldSelector: 'metadata.name=db' }), ['db']);
  await assert.rejects(names({ fieldSelector: 'spec.nodeName=a' }), { code: 400 });
  const selected = await client.list(nodeMetricses, { labelSelector: 'zone=a' });
  assert.deepEqual(
    selected.items.map(({ metadata }) => metadata.name),
    ['a'],
  );
});

test('metrics – while one node cannot be measured – are shown of the others', async () => {
  const { api, client, stats } = await startMeasured();
  await using _ = api;
  stats.set('a', new Error('no such cgroup'));
  const { items } = await client.list(podMetricses);
  assert.deepEqual(
    items.map(({ metadata }) => metadata.name),
    ['db'],
  );
});

test('metrics – as a table, in protobuf, watched and created – are answered as by metrics-server', async () => {
  const { api, get } = await startMeasured();
  await using _ = api;
  const table = await get(`${root}/pods`, 'application/json;as=Table;v=v1;g=meta.k8s.io');
  assert.deepEqual(
    table.columnDefinitions.map(({ name, format }: { name: string; format: string }) => [name, format]),
    [
      ['Name', 'name'],
      ['cpu', 'quantity'],
      ['memory', 'quantity'],
      ['Window', 'duration'],
    ],
  );
  assert.deepEqual(
    table.rows.map(({ cells }: { cells: string[] }) => cells),
    [
      ['web', '14961500n', '41960', '15.187s'],
      ['db', '0', '0', '15.187s'],
    ],
  );
  const headers = { accept: 'application/vnd.kubernetes.protobuf' };
  const binary = await api.transport.request({ method: 'GET', path: `${root}/nodes/a`, headers });
  assert.equal(binary.headers['content-type'], 'application/vnd.kubernetes.protobuf');
  const bytes = Buffer.concat([binary.body as Uint8Array].flat());
  // A Duration is a message with the nanoseconds in its first field: 15187000000 as a varint.
  assert.ok(bytes.includes(Buffer.from([0x1a, 0x06, 0x08, 0xc0, 0xf5, 0xdc, 0xc9, 0x38])));
  assert.equal((await get(`${root}/pods?watch=true`)).code, 405);
  const created = await api.transport.request({
    method: 'POST',
    path: `${root}/nodes`,
    headers: {},
    body: Buffer.from('{}'),
  });
  assert.equal(created.status, 405);
});

test('discovery and OpenAPI – of the metrics API – are those of metrics-server', async () => {
  const { api, get } = await startMeasured();
  await using _ = api;
  const resource = (name: string, kind: string, namespaced: boolean) => ({
    name,
    singularName: '',
    namespaced,
    kind,
    verbs: ['get', 'list'],
  });
  assert.deepEqual(await get(root), {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: 'metrics.k8s.io/v1beta1',
    resources: [resource('nodes', 'NodeMetrics', false), resource('pods', 'PodMetrics', true)],
  });
  const { groups } = await get('/apis');
  assert.equal(groups.at(-1).name, 'metrics.k8s.io');
  const document = await get('/openapi/v3/apis/metrics.k8s.io/v1beta1');
  assert.deepEqual(Object.keys(document.paths).sort(), [
    '/apis/metrics.k8s.io/v1beta1/',
    '/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods',
    '/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods/{name}',
    '/apis/metrics.k8s.io/v1beta1/nodes',
    '/apis/metrics.k8s.io/v1beta1/nodes/{name}',
    '/apis/metrics.k8s.io/v1beta1/pods',
  ]);
  const schema = document.components.schemas['io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetrics'];
  assert.deepEqual(schema.required, ['timestamp', 'window', 'containers']);
});
