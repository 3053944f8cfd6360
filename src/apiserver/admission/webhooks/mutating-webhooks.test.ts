import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps, horizontalPodAutoscalers, pods } from '#api/generated/kinds.gen.ts';
import { type AdmissionRequest, type Hooks, patchOf, refusalOf, startHooks } from '#testing/server/hooks.ts';

const map = (name: string, more: object = {}) => ({ metadata: { name, namespace: 'default' }, ...more });
const setData = (key: string, value: string) => patchOf({ op: 'add', path: `/data/${key}`, value });
const dataOf = ({ object }: AdmissionRequest) => (object as { data?: Record<string, string> }).data;

test('an object – that a webhook patches – is stored with the patch; the webhook sees it before the server has prepared it', async (t) => {
  const { api, answer, configure, asked } = await startHooks(t);
  await configure('mutating', 'hook');
  answer('/hook', () => patchOf({ op: 'add', path: '/data', value: { a: 'b' } }));
  const made = await api.client.create(configMaps, map('c'));
  assert.deepEqual(made.data, { a: 'b' });
  const { object } = asked()[0]!;
  assert.deepEqual(Object.keys(object!.metadata!).sort(), ['name', 'namespace']);
  const drawn = await api.client.create(configMaps, {
    metadata: { generateName: 'g-', namespace: 'default' },
  });
  assert.match(drawn.metadata.name, /^g-[a-z0-9]{5}$/);
  assert.equal(asked()[1]!.object!.metadata!.name, undefined);
});

test('webhooks – of several configurations – are called by the name of their configuration, each with the patched object', async (t) => {
  const { api, answer, configure, asked } = await startHooks(t);
  await configure('mutating', 'b');
  await configure('mutating', 'a');
  answer('/a', () => setData('a', '1'));
  answer('/b', () => setData('b', '2'));
  const made = await api.client.create(configMaps, map('c', { data: { z: '0' } }));
  assert.deepEqual(made.data, { a: '1', b: '2', z: '0' });
  assert.deepEqual(dataOf(asked('/a')[0]!), { z: '0' });
  assert.deepEqual(dataOf(asked('/b')[0]!), { a: '1', z: '0' });
});

test('a webhook – with reinvocationPolicy IfNeeded – is called again, once, when a later one has changed the object', async (t) => {
  const { api, answer, configure, asked } = await startHooks(t);
  await configure('mutating', 'a', { reinvocationPolicy: 'IfNeeded' });
  await configure('mutating', 'b', { reinvocationPolicy: 'Never' });
  await configure('mutating', 'c', { reinvocationPolicy: 'IfNeeded' });
  await api.client.create(configMaps, map('c'));
  assert.deepEqual(
    ['/a', '/b', '/c'].map((path) => asked(path).length),
    [1, 1, 1],
  );
  answer('/b', () => patchOf({ op: 'add', path: '/data', value: { b: '1' } }));
  await api.client.create(configMaps, map('d'));
  assert.deepEqual(
    ['/a', '/b', '/c'].map((path) => asked(path).length),
    [3, 2, 2],
  );
  assert.deepEqual(dataOf(asked('/a')[2]!), { b: '1' });
});

test('webhooks – that change the object at each call – are called twice at most', async (t) => {
  const { api, answer, configure, asked } = await startHooks(t);
  for (const name of ['a', 'b']) {
    await configure('mutating', name, { reinvocationPolicy: 'IfNeeded' });
    answer(`/${name}`, () => setData('last', `${name}${asked(`/${name}`).length}`));
  }
  await api.client.create(configMaps, map('c', { data: { x: '' } }));
  assert.deepEqual(
    ['/a', '/b'].map((path) => asked(path).length),
    [2, 2],
  );
});

test('a patch – in the version of the rule – is converted to the version of the request', async (t) => {
  const { api, answer, configure } = await startHooks(t);
  const rule = { operations: ['CREATE'], apiGroups: ['autoscaling'], apiVersions: ['v1'], resources: ['*'] };
  await configure('mutating', 'hook', { rules: [rule] });
  answer('/hook', () => patchOf({ op: 'add', path: '/spec/targetCPUUtilizationPercentage', value: 70 }));
  const spec = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }, maxReplicas: 3 };
  const made = await api.client.create(horizontalPodAutoscalers, map('h', { spec }) as never);
  assert.deepEqual(made.spec?.metrics, [
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
  ]);
});

test('a pod – patched by a webhook – gets the defaults of the added fields', async (t) => {
  const { api, answer, configure } = await startHooks(t);
  const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
  await configure('mutating', 'hook', { rules: [rule] });
  answer('/hook', () =>
    patchOf({ op: 'add', path: '/spec/containers/-', value: { name: 'side', image: 's' } }),
  );
  const made = await api.client.create(
    pods,
    map('p', { spec: { containers: [{ name: 'c', image: 'i' }] } }) as never,
  );
  const [, side] = made.spec!.containers;
  assert.equal(side!.imagePullPolicy, 'Always');
  assert.ok(side!.volumeMounts?.length, 'the second round of plugins mounts the token there too');
});

async function refusedPatch({ api, answer }: Hooks, ...operations: object[]): Promise<string> {
  answer('/hook', () => patchOf(...operations));
  return refusalOf(api.client.create(configMaps, map('c', { data: { a: 'b' } })));
}

test('a patch – of fields that webhooks may not change – is refused or has no effect', async (t) => {
  const hooks = await startHooks(t);
  const { api, answer } = hooks;
  await hooks.configure('mutating', 'hook');
  const internal = '500 InternalError Internal error occurred: ';
  assert.equal(
    await refusedPatch(hooks, { op: 'replace', path: '/metadata/namespace', value: 'kube-system' }),
    '400 BadRequest the namespace of the provided object does not match the namespace sent on the request',
  );
  assert.match(await refusedPatch(hooks, { op: 'replace', path: '/kind', value: 'Secret' }), /^500 /);
  assert.match(
    await refusedPatch(hooks, { op: 'remove', path: '/metadata/nothing' }),
    new RegExp(`^${internal}`),
  );
  assert.equal(
    await refusedPatch(hooks, { op: 'replace', path: '/data', value: 'text' }),
    `${internal}json: cannot unmarshal string into Go struct field ConfigMap.data of type map[string]string`,
  );
  assert.match(
    await refusedPatch(hooks, { op: 'replace', path: '/data/a', value: { b: 'c' } }),
    new RegExp(`^${internal}json: cannot unmarshal object`),
  );
  answer('/hook', () => patchOf({ op: 'add', path: '/metadata/uid', value: 'mine' }));
  const made = await api.client.create(configMaps, map('u'));
  assert.notEqual(made.metadata.uid, 'mine');
  answer('/hook', () => patchOf({ op: 'replace', path: '/metadata/name', value: 'renamed' }));
  const renamed = await api.client.create(configMaps, map('n'));
  assert.equal(renamed.metadata.name, 'renamed');
  assert.equal(
    (await api.client.get(configMaps, { namespace: 'default', name: 'renamed' })).metadata.uid,
    renamed.metadata.uid,
  );
});

test('an update – whose name, uid or namespace a webhook changes – is refused', async (t) => {
  const hooks = await startHooks(t);
  const { api, answer } = hooks;
  await api.client.create(configMaps, map('c'));
  await hooks.configure('mutating', 'hook');
  const refusalFor = (path: string) => {
    answer('/hook', () => patchOf({ op: 'replace', path, value: 'other' }));
    return refusalOf(api.client.update(configMaps, map('c', { data: { a: 'b' } })));
  };
  assert.equal(
    await refusalFor('/metadata/name'),
    '422 Invalid ConfigMap "other" is invalid: metadata.name: Invalid value: "other": field is immutable',
  );
  assert.match(await refusalFor('/metadata/uid'), /^422 Invalid ConfigMap "c" is invalid: metadata.uid/);
  assert.match(await refusalFor('/metadata/namespace'), /^400 BadRequest the namespace of the provided/);
});

test('a deletion – that a webhook patches – is refused', async (t) => {
  const { api, answer, configure } = await startHooks(t);
  await api.client.create(configMaps, map('c'));
  await configure('mutating', 'hook');
  answer('/hook', () => setData('a', 'b'));
  assert.equal(
    await refusalOf(api.client.delete(configMaps, { namespace: 'default', name: 'c' })),
    '500 InternalError Internal error occurred: admission webhook "hook.example.com" attempted to modify the object, which is not supported for this operation',
  );
});

test('a patch – without its type, or a type without its patch – is an invalid response', async (t) => {
  const { api, answer, configure } = await startHooks(t);
  await configure('mutating', 'hook');
  const why =
    'failed calling webhook "hook.example.com": received invalid webhook response: webhook returned';
  const { patch } = patchOf({ op: 'add', path: '/data', value: {} });
  const create = () => refusalOf(api.client.create(configMaps, map('c')));
  answer('/hook', () => ({ patch }));
  assert.equal(
    await create(),
    `500 InternalError Internal error occurred: ${why} response.patch but not response.patchType`,
  );
  answer('/hook', () => ({ patchType: 'JSONPatch' }));
  assert.equal(
    await create(),
    `500 InternalError Internal error occurred: ${why} response.patchType but not response.patch`,
  );
});

test('broken managedFields – from a webhook – are replaced by the old ones, with a warning', async (t) => {
  const { api, answer, configure } = await startHooks(t);
  await configure('mutating', 'hook');
  answer('/hook', () =>
    patchOf({ op: 'replace', path: '/metadata/managedFields/0/operation', value: 'Steal' }),
  );
  const answered = await api.transport.request({
    method: 'POST',
    path: '/api/v1/namespaces/default/configmaps',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(map('c', { data: { a: 'b' } }))),
  });
  assert.match(answered.headers['warning'] ?? '', /managedFields was in an invalid state after admission/);
  const { metadata } = JSON.parse(Buffer.from(answered.body as Uint8Array).toString());
  assert.equal(metadata.managedFields[0].operation, 'Update');
});
