import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import {
  configMaps,
  deployments,
  horizontalPodAutoscalers,
  namespaces,
  pods,
  validatingWebhookConfigurations,
} from '#api/generated/kinds.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { configMapRule, createNamespace, type Hooks, refusalOf, startHooks } from '#testing/server/hooks.ts';

const map = (name: string, more: object = {}) => ({ metadata: { name, namespace: 'default' }, ...more });
const denied = (status: object) => () => ({ allowed: false, status });

/** A request over the in-process transport, with a query. */
async function send({ api }: Hooks, method: string, path: string, body?: object) {
  const answer = await api.transport.request({
    method,
    path,
    headers: { 'content-type': 'application/json' },
    ...(body ? { body: Buffer.from(JSON.stringify(body)) } : {}),
  });
  const text = Buffer.concat([answer.body as Uint8Array].flat()).toString();
  return {
    status: answer.status,
    headers: answer.headers,
    body: JSON.parse(text) as AnyObject & { message?: string },
  };
}

const mapsPath = '/api/v1/namespaces/default/configmaps';

test('a pod – that a webhook denies – is rejected with its message', async (t) => {
  const { api, answer, configure, asked } = await startHooks(t);
  const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
  await configure('validating', 'hook', { rules: [rule] });
  answer('/hook', denied({ message: 'not that image', code: 403, reason: 'Forbidden' }));
  const pod = {
    metadata: { name: 'p', namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  };
  assert.equal(
    await refusalOf(api.client.create(pods, pod)),
    '403 Forbidden admission webhook "hook.example.com" denied the request: not that image',
  );
  assert.equal(asked().length, 1);
});

test('a denial – without a message, a reason, a code of failure – gets upstream’s defaults', async (t) => {
  const { api, answer, configure } = await startHooks(t);
  await configure('validating', 'hook');
  const rows: [status: object | undefined, refusal: string][] = [
    [undefined, '400  admission webhook "hook.example.com" denied the request without explanation'],
    [
      { code: 200, status: 'Success' },
      '400  admission webhook "hook.example.com" denied the request without explanation',
    ],
    [
      { reason: 'NotToday' },
      '400 NotToday admission webhook "hook.example.com" denied the request: NotToday',
    ],
    [{ code: 429, message: 'm' }, '429  admission webhook "hook.example.com" denied the request: m'],
    [{ code: 1e9, message: 'm' }, '999  admission webhook "hook.example.com" denied the request: m'],
  ];
  for (const [status, refusal] of rows) {
    await t.test(JSON.stringify(status ?? null), async () => {
      answer('/hook', () => ({ allowed: false, ...(status ? { status } : {}) }));
      assert.equal(await refusalOf(api.client.create(configMaps, map('c'))), refusal);
    });
  }
});

test('an AdmissionReview – of a creation – has all fields of upstream’s', async (t) => {
  const hooks = await startHooks(t);
  await hooks.configure('validating', 'hook');
  const made = await send(
    hooks,
    'POST',
    `${mapsPath}?fieldManager=me&dryRun=All`,
    map('c', { data: { a: 'b' } }),
  );
  assert.equal(made.status, 201);
  const [{ uid, object, ...rest } = {} as never] = hooks.asked();
  assert.match(uid, /^[0-9a-f-]{36}$/);
  assert.deepEqual(rest, {
    kind: { group: '', version: 'v1', kind: 'ConfigMap' },
    resource: { group: '', version: 'v1', resource: 'configmaps' },
    requestKind: { group: '', version: 'v1', kind: 'ConfigMap' },
    requestResource: { group: '', version: 'v1', resource: 'configmaps' },
    name: 'c',
    namespace: 'default',
    operation: 'CREATE',
    userInfo: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
    oldObject: null,
    dryRun: true,
    options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', dryRun: ['All'], fieldManager: 'me' },
  });
  assert.equal(object!.metadata!.uid, made.body.metadata!.uid);
});

test('an AdmissionReview – of an update, a patch, deletions – has the objects and options of each', async (t) => {
  const hooks = await startHooks(t);
  const { api } = hooks;
  await api.client.create(configMaps, map('c', { data: { a: '1' } }));
  await hooks.configure('validating', 'hook');
  await api.client.update(configMaps, map('c', { data: { a: '2' } }));
  await send(hooks, 'DELETE', `${mapsPath}/c`, { gracePeriodSeconds: 0, propagationPolicy: 'Orphan' });
  await api.client.create(configMaps, map('d'));
  await send(hooks, 'DELETE', mapsPath);
  const asked = hooks.asked().map((request) => ({
    operation: request.operation,
    name: request.name,
    data: (request.object as { data?: object } | null)?.data,
    old: (request.oldObject as { data?: object } | null)?.data,
    options: request['options'],
  }));
  const options = (kind: string, more: object = {}) => ({ kind, apiVersion: 'meta.k8s.io/v1', ...more });
  assert.deepEqual(asked.slice(0, 2), [
    { operation: 'UPDATE', name: 'c', data: { a: '2' }, old: { a: '1' }, options: options('UpdateOptions') },
    {
      operation: 'DELETE',
      name: 'c',
      data: undefined,
      old: { a: '2' },
      options: options('DeleteOptions', { gracePeriodSeconds: 0, propagationPolicy: 'Orphan' }),
    },
  ]);
  const all = asked.filter(({ operation, name }) => operation === 'DELETE' && name === undefined);
  assert.ok(all.length > 0, 'a collection is deleted without the names of its objects');
});

test('an object with a generated name – in an AdmissionReview – has no name in the request', async (t) => {
  const { api, asked, configure } = await startHooks(t);
  await configure('validating', 'hook');
  const made = await api.client.create(configMaps, {
    metadata: { generateName: 'c-', namespace: 'default' },
  });
  assert.equal(asked()[0]!.name, undefined);
  assert.equal(asked()[0]!.object!.metadata!.name, made.metadata.name);
});

test('subresources – of other kinds – are sent to webhooks in their kinds', async (t) => {
  const { api, asked, configure } = await startHooks(t);
  const labels = { a: 'b' };
  const spec = {
    replicas: 1,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  };
  const deployment = await api.client.create(deployments, map('d', { spec }));
  const rule = {
    operations: ['*'],
    apiGroups: ['apps'],
    apiVersions: ['*'],
    resources: ['deployments/scale'],
  };
  await configure('validating', 'hook', { rules: [rule] });
  await api.client.update(deployments, { ...deployment, metadata: { ...deployment.metadata, labels } });
  const scale = { metadata: { name: 'd', namespace: 'default' }, spec: { replicas: 3 } };
  await api.transport.request({
    method: 'PUT',
    path: '/apis/apps/v1/namespaces/default/deployments/d/scale',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(scale)),
  });
  assert.equal(asked().length, 1);
  const [request] = asked();
  assert.deepEqual(request!['kind'], { group: 'autoscaling', version: 'v1', kind: 'Scale' });
  assert.deepEqual(request!['resource'], { group: 'apps', version: 'v1', resource: 'deployments' });
  assert.equal(request!['subResource'], 'scale');
  assert.equal((request!.object as { spec?: { replicas?: number } }).spec?.replicas, 3);
});

test('a rule of another version – Equivalent or Exact – the object is converted, or the webhook is not called', async (t) => {
  const { api, asked, configure } = await startHooks(t);
  const rule = {
    operations: ['CREATE'],
    apiGroups: ['autoscaling'],
    apiVersions: ['v1'],
    resources: ['horizontalpodautoscalers'],
  };
  await configure('validating', 'hook', { rules: [rule] });
  await configure('validating', 'exact', { rules: [rule], matchPolicy: 'Exact' });
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' };
  const resource = { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } };
  const metrics = [{ type: 'Resource', resource }];
  const spec = { scaleTargetRef, minReplicas: 1, maxReplicas: 3, metrics };
  await api.client.create(horizontalPodAutoscalers, map('h', { spec }) as never);
  assert.equal(asked('/exact').length, 0);
  const [request] = asked();
  assert.deepEqual(request!['kind'], {
    group: 'autoscaling',
    version: 'v1',
    kind: 'HorizontalPodAutoscaler',
  });
  assert.deepEqual(request!['requestKind'], {
    group: 'autoscaling',
    version: 'v2',
    kind: 'HorizontalPodAutoscaler',
  });
  const { apiVersion, spec: shown } = request!.object as unknown as { apiVersion: string; spec: object };
  assert.equal(apiVersion, 'autoscaling/v1');
  assert.deepEqual(shown, {
    scaleTargetRef,
    minReplicas: 1,
    maxReplicas: 3,
    targetCPUUtilizationPercentage: 60,
  });
});

test('selectors – of namespaces, and of new and old objects – decide whether the webhook is called', async (t) => {
  const { api, asked, configure } = await startHooks(t);
  await createNamespace(api, 'watched', { watched: 'yes' });
  const namespaceSelector = { matchLabels: { watched: 'yes' } };
  const rules = [{ ...configMapRule, resources: ['configmaps', 'namespaces'] }];
  await configure('validating', 'namespace', { namespaceSelector, rules });
  await configure('validating', 'object', { objectSelector: { matchLabels: { watched: 'yes' } } });
  const namesOf = (path: string) => asked(path).map(({ operation, name }) => `${operation} ${name}`);
  await api.client.create(configMaps, map('elsewhere'));
  await api.client.create(configMaps, { metadata: { name: 'here', namespace: 'watched' } });
  await createNamespace(api, 'other', { watched: 'no' });
  await createNamespace(api, 'new', { watched: 'yes' });
  await api.client.delete(namespaces, { name: 'new' });
  assert.deepEqual(namesOf('/namespace'), ['CREATE here', 'CREATE new', 'DELETE new']);
  const labeled = map('l', {}) as { metadata: object };
  await api.client.create(configMaps, {
    metadata: { name: 'l', namespace: 'default', labels: { watched: 'yes' } },
  });
  await api.client.update(configMaps, labeled as never);
  await api.client.delete(configMaps, { namespace: 'default', name: 'l' });
  assert.deepEqual(namesOf('/object'), ['CREATE l', 'UPDATE l']);
});

test('configurations of webhooks – also broken ones – can be changed and deleted', async (t) => {
  const { api, configure } = await startHooks(t);
  const everything = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] };
  const clientConfig = { url: 'https://127.0.0.1:1/' };
  await configure('validating', 'broken', { rules: [everything], clientConfig });
  assert.equal(
    await refusalOf(api.client.create(configMaps, map('c'))),
    '500 InternalError Internal error occurred: failed calling webhook "broken.example.com": failed to call webhook: Post "https://127.0.0.1:1/?timeout=10s": dial tcp 127.0.0.1:1: connect: connection refused',
  );
  await api.client.delete(validatingWebhookConfigurations, { name: 'broken' });
  assert.equal(await refusalOf(api.client.create(configMaps, map('c'))), 'not refused');
});

test('a webhook that cannot be called – and fails open – lets the request continue', async (t) => {
  const { api, configure } = await startHooks(t);
  await configure('validating', 'open', {
    failurePolicy: 'Ignore',
    clientConfig: { url: 'https://127.0.0.1:1/' },
  });
  assert.equal(await refusalOf(api.client.create(configMaps, map('c'))), 'not refused');
  const metrics = await api.metrics();
  assert.match(
    metrics,
    /^apiserver_admission_webhook_fail_open_count\{name="open.example.com",type="validating"\} 1$/m,
  );
  assert.match(
    metrics,
    /^apiserver_admission_webhook_request_total\{name="open.example.com",type="validating",operation="CREATE",rejected="false",code="503"\} 1$/m,
  );
});

test('responses – to another request – are invalid', async (t) => {
  const { api, answer, configure, asked } = await startHooks(t);
  await configure('validating', 'hook');
  const call = 'failed calling webhook "hook.example.com":';
  const rows: [response: object, why: string | (() => string)][] = [
    [
      { uid: 'x' },
      () => `received invalid webhook response: expected response.uid="${asked().at(-1)!.uid}", got "x"`,
    ],
    [
      { patch: 'W10=' },
      'received invalid webhook response: validating webhook may not return response.patch',
    ],
    [
      { patchType: 'JSONPatch' },
      'received invalid webhook response: validating webhook may not return response.patchType',
    ],
    [
      { allowed: 'yes' },
      'failed to call webhook: json: cannot unmarshal string into Go struct field AdmissionReview.response.allowed of type bool',
    ],
  ];
  for (const [response, why] of rows) {
    await t.test(JSON.stringify(response), async () => {
      answer('/hook', () => ({ ...response }) as Record<string, unknown>);
      const refusal = await refusalOf(api.client.create(configMaps, map('c')));
      const text = typeof why === 'string' ? why : why();
      assert.equal(refusal, `500 InternalError Internal error occurred: ${call} ${text}`);
    });
  }
});

test('a review of v1beta1 – preferred by the webhook – is valid without uid and kind', async (t) => {
  const { api, answer, configure } = await startHooks(t);
  await configure('validating', 'hook', { admissionReviewVersions: ['v1beta1', 'v1'] });
  answer('/hook', () => ({ uid: '', allowed: false, status: { message: 'old' } }));
  assert.equal(
    await refusalOf(api.client.create(configMaps, map('c'))),
    '400  admission webhook "hook.example.com" denied the request: old',
  );
});

test('warnings and annotations – of a webhook – are sent to the client and to the audit log', async (t) => {
  const hooks = await startHooks(t);
  await hooks.configure('validating', 'hook');
  hooks.answer('/hook', () => ({ warnings: ['mind the gap'], auditAnnotations: { why: 'so' } }));
  const { headers } = await send(hooks, 'POST', mapsPath, map('c'));
  assert.equal(headers['warning'], '299 - "mind the gap"');
});

test('several webhooks – of which two deny – are all called, and the first denial is the error', async (t) => {
  const { api, webhook, configure, asked } = await startHooks(t);
  for (const name of ['a', 'b', 'c']) await configure('validating', name);
  const { reply } = webhook;
  const slow = Promise.withResolvers<void>();
  webhook.reply = async (request, response) => {
    const body = reply(request, response) as { response: object };
    const isAllowed = request.url.startsWith('/b');
    if (request.url.startsWith('/a')) await slow.promise;
    if (request.url.startsWith('/c')) response.once('close', slow.resolve);
    const answer = { ...body, response: { ...body.response, allowed: isAllowed } };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    if (request.url.startsWith('/c')) await once(response, 'close');
  };
  assert.equal(
    await refusalOf(api.client.create(configMaps, map('m'))),
    '400  admission webhook "c.example.com" denied the request without explanation',
  );
  assert.deepEqual(
    ['/a', '/b', '/c'].map((path) => asked(path).length),
    [1, 1, 1],
  );
});
