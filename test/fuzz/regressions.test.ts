/** Requests that runs have found faults by, each with the answer that upstream gives. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestServer } from '#testing/server/test-server.ts';
import { problemOf } from './oracles.ts';

interface Row {
  readonly found: string;
  readonly method: string;
  readonly path: string;
  readonly type?: string;
  readonly body: string;
  readonly status: number;
  readonly says: RegExp;
}

const rows: readonly Row[] = [
  {
    found: 'a name that is an object with a toString of its own',
    method: 'POST',
    path: '/api/v1/namespaces',
    body: '{"kind":"Namespace","apiVersion":"v1","metadata":{"name":{"toString":1}}}',
    status: 400,
    says: /cannot unmarshal object into Go struct field ObjectMeta\.metadata\.name of type string/,
  },
  {
    found: 'an applied kind that is an object',
    method: 'PATCH',
    path: '/api/v1/namespaces/default/configmaps/c?fieldManager=m',
    type: 'application/apply-patch+yaml',
    body: '{"apiVersion":"v1","kind":{"a":1}}',
    status: 400,
    says: /invalid object type: \/v1, Kind="/,
  },
  {
    found: 'half of a surrogate pair in the name of a JSON body',
    method: 'POST',
    path: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    body: '{"metadata":{"generateName":"\\ud800"}}',
    status: 201,
    says: /"generateName":"\ufffd"/,
  },
  {
    found: 'the same in YAML',
    method: 'POST',
    path: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    type: 'application/yaml',
    body: 'a: 1\nmetadata: {generateName: "\\ud800"}',
    status: 400,
    says: /yaml: line 2: found invalid Unicode character escape code/,
  },
  {
    found: 'a limit of a resource that is called as a method is',
    method: 'POST',
    path: '/api/v1/namespaces/kube-system/limitranges?dryRun=All',
    body: '{"metadata":{"name":"l"},"spec":{"limits":[{"type":"Container","max":{"cpu":"1"},"default":{"toString":"1"}}]}}',
    status: 422,
    says: /toString/,
  },
  {
    found: 'two controllers without a kind',
    method: 'POST',
    path: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    body: '{"metadata":{"name":"c","ownerReferences":[{"name":"a","controller":true},{"name":"b","controller":true}]}}',
    status: 422,
    says: /Found \\"true\\" in references for \/a and \/b/,
  },
  {
    found: 'a revision whose data is a number beyond all doubles, which would be stored as null',
    method: 'POST',
    path: '/apis/apps/v1/namespaces/default/controllerrevisions',
    body: '{"metadata":{"name":"r"},"revision":1,"data":1e400}',
    status: 400,
    says: /as a ControllerRevision: json: cannot unmarshal number 1e400 into Go value of type float64/,
  },
  {
    found: 'a request of a pod for a resource that is called as a method is, beside a limit of another',
    method: 'POST',
    path: '/api/v1/namespaces/kube-system/pods?dryRun=All',
    body: '{"metadata":{"name":"p"},"spec":{"resources":{"requests":{"hasOwnProperty":"2"},"limits":{"cpu":"1"}},"containers":[{"name":"c","image":"i","resources":{"requests":{"toString":"2"},"limits":{"cpu":"1"}}}]}}',
    status: 422,
    says: /hasOwnProperty/,
  },
  {
    found: 'a long CSINode without topology keys, for which Go writes null',
    method: 'POST',
    path: '/apis/storage.k8s.io/v1/csinodes',
    body: JSON.stringify({
      metadata: { name: 'n', annotations: { a: 'x'.repeat(200_000) } },
      spec: { drivers: [{ name: 'd', nodeID: 'n' }] },
    }),
    status: 201,
    says: /"topologyKeys":null/,
  },
  {
    found: 'a definition with a stored version, and one without a name',
    method: 'POST',
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    body: '{"metadata":{"name":"d"},"spec":{"versions":[{"storage":true}]},"status":{"storedVersions":["a"]}}',
    status: 422,
    says: /spec\.versions\[0\]\.name: Invalid value: /,
  },
];

for (const { found, method, path, type = 'application/json', body, status, says } of rows) {
  test(`the API server – ${found} – is answered as upstream does`, async () => {
    await using server = await startTestServer();
    const request = { method, path, headers: { 'content-type': type }, body: Buffer.from(body) };
    const answer = await server.transport.request(request);
    const text = Buffer.concat([answer.body as Uint8Array].flat()).toString();
    assert.match(text, says);
    assert.equal(answer.status, status);
    assert.equal(problemOf({ status, text, type: answer.headers['content-type'] ?? '' }), undefined);
  });
}

test('the API server – a watch with bookmarks whose time is negative, closed by its client – ends, and nothing fails', async () => {
  await using server = await startTestServer();
  const path = '/api/v1/namespaces?watch=true&timeoutSeconds=-1&allowWatchBookmarks=true';
  const { body } = await server.transport.request({ method: 'GET', path, headers: {} });
  assert.ok('start' in body);
  let closed = () => {};
  body.start({ write: () => true, end() {}, fail() {}, onDrain() {}, onClose: (ended) => (closed = ended) });
  closed();
});

/** What is stored reads back as upstream reads it: with its defaults, so that putting it back changes nothing. */
const unchanged: readonly (readonly [found: string, path: string, spec: object])[] = [
  [
    "a Job, its generated labels its template's",
    '/apis/batch/v1/namespaces/default/jobs',
    { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } },
  ],
  [
    'an autoscaler of v1, with the target of v2',
    '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers',
    { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' } },
  ],
];

for (const [found, path, spec] of unchanged) {
  test(`the API server – ${found}, put back as it was read – stays as it is`, async () => {
    await using server = await startTestServer();
    const send = async (method: string, url: string, body: string) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await server.transport.request({ method, path: url, headers, body: Buffer.from(body) });
      return Buffer.concat([answer.body as Uint8Array].flat()).toString();
    };
    await send('POST', '/api/v1/namespaces', '{"metadata":{"name":"default"}}');
    const created = await send('POST', path, JSON.stringify({ metadata: { name: 'x' }, spec }));
    const again = await send('PUT', `${path}/x`, created);
    assert.deepEqual(JSON.parse(again), JSON.parse(created));
  });
}

test('the API server – a namespace whose finalizers were removed – has no list of them, and stays as it is', async () => {
  await using server = await startTestServer();
  const send = async (method: string, url: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const request = { method, path: url, headers, body: Buffer.from(JSON.stringify(body)) };
    const answer = await server.transport.request(request);
    return JSON.parse(Buffer.concat([answer.body as Uint8Array].flat()).toString()) as { spec: object };
  };
  const path = '/api/v1/namespaces';
  await send('POST', path, { metadata: { name: 'n' } });
  const finalized = await send('PUT', `${path}/n/finalize`, { metadata: { name: 'n' }, spec: {} });
  assert.deepEqual(finalized.spec, {});
  assert.deepEqual(await send('PUT', `${path}/n`, finalized), finalized);
});

const podSpec = { containers: [{ name: 'c', image: 'i' }] };
const labelled = { metadata: { labels: { a: 'b' } }, spec: podSpec };
const selected = { selector: { matchLabels: { a: 'b' } }, template: labelled };
const statusWrites: readonly (readonly [path: string, spec: object, changed: object, kept: string])[] = [
  ['apis/apps/v1/namespaces/default/daemonsets', selected, { minReadySeconds: 7 }, 'annotations'],
  [
    'apis/batch/v1/namespaces/default/jobs',
    { template: { spec: { ...podSpec, restartPolicy: 'Never' } } },
    { parallelism: 7 },
    'labels',
  ],
  ['api/v1/namespaces/default/replicationcontrollers', { template: labelled }, { replicas: 7 }, 'labels'],
];

for (const [path, spec, changed, kept] of statusWrites) {
  test(`${path} – a status update without ${kept} and with another spec – changes neither`, async () => {
    await using server = await startTestServer();
    const send = async (method: string, url: string, body: object) => {
      const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
      const request = {
        method,
        path: url,
        headers: { 'content-type': type },
        body: Buffer.from(JSON.stringify(body)),
      };
      const answer = await server.transport.request(request);
      return JSON.parse(Buffer.concat([answer.body as Uint8Array].flat()).toString()) as Record<
        string,
        unknown
      >;
    };
    await send('POST', '/api/v1/namespaces', { metadata: { name: 'default' } });
    const created = await send('POST', `/${path}`, { metadata: { name: 'x' }, spec });
    const patch = { metadata: { [kept]: null }, spec: changed };
    const patched = await send('PATCH', `/${path}/x/status`, patch);
    assert.deepEqual(patched['spec'], created['spec']);
    const at = (object: Record<string, unknown>) => (object['metadata'] as Record<string, unknown>)[kept];
    assert.ok(at(created));
    assert.deepEqual(at(patched), at(created));
  });
}
