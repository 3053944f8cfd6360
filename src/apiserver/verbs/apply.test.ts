/** Server-side apply as upstream's integration tests have it, on a whole API server. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { AnyObject, ManagedFieldsEntry } from '#api/meta/object.ts';
import { startTestServer } from '#testing/server/test-server.ts';

const server = await startTestServer();
after(() => server.stop());

const maps = '/api/v1/namespaces/default/configmaps';
const pods = '/api/v1/namespaces/default/pods';
const deployments = '/apis/apps/v1/namespaces/default/deployments';
const mediaTypes = {
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
};

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: an answer is an object or a Status
  readonly body: any;
  readonly warning: string | undefined;
}

async function send(
  method: string,
  path: string,
  body?: unknown,
  type = 'application/json',
): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await server.transport.request({
    method,
    path,
    headers: { 'content-type': type, 'user-agent': 'tester/v1' },
    ...(body === undefined ? {} : { body: Buffer.from(text) }),
  });
  const { status, headers } = answer;
  return {
    status,
    body: JSON.parse(Buffer.from(answer.body as Uint8Array).toString()),
    warning: headers['warning'],
  };
}

function patch(type: keyof typeof mediaTypes, path: string, body: unknown): Promise<Answer> {
  return send('PATCH', path, body, mediaTypes[type]);
}

function apply(path: string, manager: string, body: unknown, force = false): Promise<Answer> {
  return patch('apply', `${path}?fieldManager=${manager}${force ? '&force=true' : ''}`, body);
}

const map = (name: string, data?: object): AnyObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  ...(data ? { data } : {}),
});

const deployment = (name: string, spec: object = {}, image = 'i'): AnyObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image }] } },
    ...spec,
  },
});

/** `manager operation subresource: fields` of each field manager. */
function managersOf({ metadata }: AnyObject): string[] {
  return (metadata!.managedFields ?? []).map(managerText);
}

function managerText({ manager, operation, subresource, fieldsV1 }: ManagedFieldsEntry): string {
  return `${manager} ${operation}${subresource ? ` ${subresource}` : ''}: ${JSON.stringify(fieldsV1)}`;
}

test('an object – that is created – is owned by its creator, with time, version and what the server says left out', async () => {
  const { body } = await send('POST', maps, map('created', { b: '1', a: '2' }));
  const [entry] = body.metadata.managedFields;
  assert.deepEqual(entry, {
    manager: 'tester',
    operation: 'Update',
    apiVersion: 'v1',
    time: body.metadata.creationTimestamp,
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} } },
  });
  assert.deepEqual(Object.keys(entry.fieldsV1['f:data']), ['.', 'f:a', 'f:b']);
});

test('a pod – that is created – has the set that upstream gives it', async () => {
  const { body } = await send('POST', pods, {
    metadata: { name: 'p', labels: { app: 'x' } },
    spec: {
      containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }],
      volumes: [{ name: 'v', emptyDir: {} }],
    },
  });
  const fields = body.metadata.managedFields[0].fieldsV1;
  assert.deepEqual(fields['f:metadata'], { 'f:labels': { '.': {}, 'f:app': {} } });
  assert.deepEqual(fields['f:spec']['f:containers'], {
    'k:{"name":"c"}': {
      '.': {},
      'f:image': {},
      'f:imagePullPolicy': {},
      'f:name': {},
      'f:ports': {
        '.': {},
        'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {}, 'f:protocol': {} },
      },
      'f:resources': {},
      'f:terminationMessagePath': {},
      'f:terminationMessagePolicy': {},
    },
  });
  assert.equal(fields['f:status'], undefined);
});

test('a change – by another manager – moves what it changes, and nothing else', async () => {
  await send('POST', maps, map('moved', { a: '1', b: '1' }));
  const { body } = await patch('merge', `${maps}/moved?fieldManager=other`, { data: { a: '2', c: '3' } });
  assert.deepEqual(managersOf(body).sort(), [
    'other Update: {"f:data":{"f:a":{},"f:c":{}}}',
    'tester Update: {"f:data":{".":{},"f:b":{}}}',
  ]);
  const removed = await patch('merge', `${maps}/moved?fieldManager=other`, { data: { b: null } });
  assert.deepEqual(managersOf(removed.body).sort(), [
    'other Update: {"f:data":{"f:a":{},"f:c":{}}}',
    'tester Update: {"f:data":{}}',
  ]);
});

test('a write – to status – has an entry of its own, without the fields that it resets', async () => {
  await send('POST', deployments, deployment('status'));
  const path = `${deployments}/status/status`;
  const { body } = await patch('merge', path, { metadata: { labels: { a: 'b' } }, status: { replicas: 1 } });
  assert.deepEqual(managersOf(body).at(-1), 'tester Update status: {"f:status":{"f:replicas":{}}}');
  assert.equal((await apply(`${deployments}/none/status`, 'm', deployment('none'))).status, 404);
});

test('a configuration – of what is not there – creates it', async () => {
  const created = await apply(`${maps}/applied`, 'one', map('applied', { a: '1' }));
  assert.deepEqual([created.status, managersOf(created.body)], [201, ['one Apply: {"f:data":{"f:a":{}}}']]);
  const again = await apply(`${maps}/applied`, 'one', map('applied', { a: '1' }));
  assert.deepEqual(
    [again.status, again.body.metadata.resourceVersion],
    [200, created.body.metadata.resourceVersion],
  );
});

test('a configuration – that mentions less than before – removes the rest, unless another manager owns it', async () => {
  await apply(`${maps}/less`, 'one', map('less', { a: '1', b: '2', c: '3' }));
  await apply(`${maps}/less`, 'two', map('less', { b: '2' }));
  const { body } = await apply(`${maps}/less`, 'one', map('less', { a: '1' }));
  assert.deepEqual(body.data, { a: '1', b: '2' });
});

test('a configuration – of what others own – is a conflict with each of them, and takes it when forced', async () => {
  await apply(`${deployments}/fought`, 'one', deployment('fought', { replicas: 1 }));
  await patch('merge', `${deployments}/fought?fieldManager=two`, { spec: { replicas: 2 } });
  const wanted = deployment('fought', { replicas: 3 }, 'j');
  const refused = await apply(`${deployments}/fought`, 'three', wanted);
  const image = '.spec.template.spec.containers[name="c"].image';
  assert.deepEqual([refused.status, refused.body.reason], [409, 'Conflict']);
  assert.equal(
    refused.body.message,
    `Apply failed with 2 conflicts: conflicts with "one":\n- ${image}\nconflicts with "two" using apps/v1:\n- .spec.replicas`,
  );
  assert.deepEqual(refused.body.details.causes, [
    { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: image },
    { reason: 'FieldManagerConflict', message: 'conflict with "two" using apps/v1', field: '.spec.replicas' },
  ]);
  const forced = await apply(`${deployments}/fought`, 'three', wanted, true);
  assert.deepEqual([forced.status, forced.body.spec.replicas], [200, 3]);
  assert.ok(!managersOf(forced.body).some((manager) => manager.startsWith('two')));
});

test('an apply – with one conflict – says it in one line', async () => {
  await send('POST', maps, map('one', { a: '1' }));
  const { body } = await apply(`${maps}/one`, 'm', map('one', { a: '2' }));
  assert.equal(body.message, 'Apply failed with 1 conflict: conflict with "tester" using v1: .data.a');
});

test('managedFields – reset by a client – is absent until the next apply', async (t) => {
  const resets: [keyof typeof mediaTypes, unknown][] = [
    ['merge', { metadata: { managedFields: [{}] } }],
    ['merge', { metadata: { managedFields: [] } }],
    ['strategic', { metadata: { managedFields: [{}] } }],
    ['json', [{ op: 'replace', path: '/metadata/managedFields', value: [{}] }]],
  ];
  for (const [i, [type, body]] of resets.entries()) {
    await t.test(`${type} ${JSON.stringify(body)}`, async () => {
      await send('POST', maps, map(`reset${i}`, { a: '1' }));
      const reset = await patch(type, `${maps}/reset${i}`, body);
      assert.deepEqual([reset.status, reset.body.metadata.managedFields], [200, undefined]);
      const changed = await patch('merge', `${maps}/reset${i}`, { data: { b: '1' } });
      assert.equal(changed.body.metadata.managedFields, undefined);
      const applied = await apply(`${maps}/reset${i}`, 'm', map(`reset${i}`, { c: '1' }));
      assert.deepEqual(managersOf(applied.body).sort(), [
        'before-first-apply Update: {"f:data":{".":{},"f:a":{},"f:b":{}}}',
        'm Apply: {"f:data":{"f:c":{}}}',
      ]);
    });
  }
});

test('managedFields – that cannot be read – the stored entries stay', async () => {
  const { body } = await send('POST', maps, map('unread', { a: '1' }));
  body.metadata.managedFields = [{ manager: 'x', operation: 'Apply', apiVersion: 'v1', fieldsType: 'X' }];
  const put = await send('PUT', `${maps}/unread`, body);
  assert.deepEqual(managersOf(put.body), ['tester Update: {"f:data":{".":{},"f:a":{}}}']);
});

test('field managers – with names too long or unprintable – are refused', async () => {
  const { body } = await send('POST', maps, map('named', { a: '1' }));
  const put = async (change: object) => {
    const [entry] = body.metadata.managedFields;
    const metadata = { ...body.metadata, managedFields: [{ ...entry, ...change }] };
    return (await send('PUT', `${maps}/named`, { ...body, metadata })).body.message;
  };
  const at = 'ConfigMap "named" is invalid: metadata.managedFields[0]';
  assert.equal(
    await put({ manager: 'x'.repeat(129) }),
    `${at}.manager: Too long: may not be more than 128 bytes`,
  );
  assert.equal(
    await put({ manager: 'x\n' }),
    `${at}.manager: Invalid value: "x\\n": invalid character U+000A (at position 1)`,
  );
  assert.equal(
    await put({ subresource: 'x'.repeat(257) }),
    `${at}.subresource: Too long: may not be more than 256 bytes`,
  );
});

test('an ephemeral container – that is added – is owned by who added it, through the subresource', async () => {
  await send('POST', pods, {
    metadata: { name: 'debugged' },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  });
  const config = { spec: { ephemeralContainers: [{ name: 'e', image: 'i' }] } };
  const { body } = await patch(
    'strategic',
    `${pods}/debugged/ephemeralcontainers?fieldManager=debugger`,
    config,
  );
  const fieldManager = body.metadata.managedFields.find(
    ({ manager }: ManagedFieldsEntry) => manager === 'debugger',
  );
  assert.equal(fieldManager.subresource, 'ephemeralcontainers');
  assert.deepEqual(Object.keys(fieldManager.fieldsV1['f:spec']), ['f:ephemeralContainers']);
});

test('updaters – more than ten – become one of ancient changes', async () => {
  await send('POST', maps, map('many', { a: '1' }));
  for (let i = 0; i < 12; i++) {
    await patch('merge', `${maps}/many?fieldManager=m${i}`, { data: { [`k${i}`]: '1' } });
  }
  const { body } = await send('GET', `${maps}/many`);
  const managers = body.metadata.managedFields.map(({ manager }: ManagedFieldsEntry) => manager);
  assert.equal(managers.length, 10);
  assert.ok(managers.includes('ancient-changes'));
});

test('the replicas – set through a Scale – are owned as those of what it scales', async () => {
  await send('POST', deployments, deployment('scaled', { replicas: 1 }));
  await patch('merge', `${deployments}/scaled/scale?fieldManager=scaler`, { spec: { replicas: 5 } });
  const { body } = await send('GET', `${deployments}/scaled`);
  const scaler = 'scaler Update scale: {"f:spec":{"f:replicas":{}}}';
  assert.ok(managersOf(body).includes(scaler));
  const scale = {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'scaled' },
    spec: { replicas: 7 },
  };
  const refused = await apply(`${deployments}/scaled/scale`, 'm', scale);
  assert.equal(
    refused.body.message,
    'Apply failed with 1 conflict: conflict with "scaler" with subresource "scale" using autoscaling/v1: .spec.replicas',
  );
  const forced = await apply(`${deployments}/scaled/scale`, 'm', scale, true);
  assert.deepEqual(
    [forced.status, forced.body.spec, forced.body.metadata.managedFields],
    [200, { replicas: 7 }, undefined],
  );
});

test('kubectl – that applied client-side before – takes what its annotation says, without a conflict', async () => {
  const key = 'kubectl.kubernetes.io/last-applied-configuration';
  const config = map('upgraded', { a: '1' });
  const annotations = { [key]: JSON.stringify(config) };
  await send('POST', `${maps}?fieldManager=kubectl-client-side-apply`, {
    ...config,
    metadata: { name: 'upgraded', annotations },
  });
  const other = await apply(`${maps}/upgraded`, 'other', map('upgraded', { a: '2' }));
  assert.equal(other.status, 409);
  const { status, body } = await apply(`${maps}/upgraded`, 'kubectl', map('upgraded', { a: '2' }));
  assert.deepEqual([status, body.data], [200, { a: '2' }]);
  assert.deepEqual(JSON.parse(body.metadata.annotations[key]), map('upgraded', { a: '2' }));
});

const refusals: {
  name: string;
  query?: string;
  path?: string;
  body: unknown;
  status: number;
  says: string;
}[] = [
  {
    name: 'without a manager',
    query: '',
    body: map('x'),
    status: 422,
    says: 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
  },
  {
    name: 'that is no YAML',
    body: 'a: [',
    status: 400,
    says: 'error decoding YAML: error converting YAML to JSON: yaml: ',
  },
  {
    name: 'that is a list',
    body: '[1]',
    status: 400,
    says: 'error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}',
  },
  { name: 'that is empty', body: '', status: 400, says: 'invalid object type: /, Kind=' },
  {
    name: 'of another kind',
    body: deployment('x'),
    status: 400,
    says: 'invalid object type: apps/v1, Kind=Deployment',
  },
  {
    name: 'with managed fields',
    body: { ...map('x'), metadata: { name: 'x', managedFields: [{ manager: 'm' }] } },
    status: 400,
    says: 'metadata.managedFields must be nil',
  },
  {
    name: 'with managed fields that cannot be read',
    body: { ...map('x'), metadata: { name: 'x', managedFields: [{ manager: 5 }] } },
    status: 500,
    says: 'failed to create typed patch object (/x; /v1, Kind=ConfigMap): .metadata.managedFields[0].manager: expected string, got &value.valueUnstructured{Value:5}',
  },
  {
    name: 'with a field that is not in the schema',
    body: { ...map('x'), foo: 1 },
    status: 500,
    says: 'failed to create typed patch object (/x; /v1, Kind=ConfigMap): .foo: field not declared in schema',
  },
  {
    name: 'with another name',
    body: map('y'),
    status: 400,
    says: 'the name of the object (y) does not match the name on the URL (x)',
  },
  {
    name: 'with a uid of what is not there',
    body: { ...map('x'), metadata: { name: 'x', uid: 'abc' } },
    status: 409,
    says: 'Operation cannot be fulfilled on configmaps "x": uid mismatch: the provided object specified uid abc, and no existing object was found',
  },
  {
    name: 'with a key twice, strictly',
    query: '?fieldManager=m&fieldValidation=Strict',
    body: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  a: "1"\n  a: "2"\n',
    status: 400,
    says: 'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 7: key "a" already set in map',
  },
];

for (const { name, query = '?fieldManager=m', body, status, says } of refusals) {
  test(`a configuration – ${name} – is refused`, async () => {
    const answer = await patch('apply', `${maps}/x${query}`, body);
    assert.deepEqual([answer.status, String(answer.body.message).slice(0, says.length)], [status, says]);
    assert.equal((await send('GET', `${maps}/x`)).status, 404);
  });
}

test('a configuration – with a key twice – is applied with a warning of the line', async () => {
  const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: twice\ndata:\n  a: "1"\n  a: "2"\n';
  const answer = await patch('apply', `${maps}/twice?fieldManager=m&dryRun=All`, body);
  assert.deepEqual([answer.status, answer.warning], [201, '299 - "line 7: key \\"a\\" already set in map"']);
});

test('a configuration – with a time or an amount that is none – says which kind it cannot be', async () => {
  const event = { apiVersion: 'v1', kind: 'Event', metadata: { name: 't' }, eventTime: 'x' };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 't' },
    spec: { containers: [{ name: 'a', resources: { limits: { cpu: 'x y' } } }] },
  };
  const rows: [object, string, string][] = [
    [event, 'events', 'parsing time "x" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "x" as "2006"'],
    [
      pod,
      'pods',
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
  ];
  for (const [config, resource, why] of rows) {
    const path = `/api/v1/namespaces/default/${resource}/t?fieldManager=m`;
    const { status, body } = await send('PATCH', path, config, mediaTypes.apply);
    const { kind } = config as { kind: string };
    const message = `failed to convert new object (/t; /v1, Kind=${kind}) to proper version: unable to convert unstructured object to /v1, Kind=${kind}: ${why}`;
    assert.deepEqual([status, body.message], [500, message]);
  }
});

test('a configuration – of an older version – is a conflict', async () => {
  await send('POST', maps, map('versioned', { a: '1' }));
  const config = { ...map('versioned', { b: '1' }), metadata: { name: 'versioned', resourceVersion: '1' } };
  const { status, body } = await apply(`${maps}/versioned`, 'm', config);
  assert.deepEqual([status, body.reason], [409, 'Conflict']);
});

test('a dry run – of a configuration – stores nothing', async () => {
  const { status, body } = await patch(
    'apply',
    `${maps}/dry?fieldManager=m&dryRun=All`,
    map('dry', { a: '1' }),
  );
  assert.deepEqual([status, body.data], [201, { a: '1' }]);
  assert.equal((await send('GET', `${maps}/dry`)).status, 404);
});

test('finalizers of a namespace – written through finalize – are owned, and the status that is not taken is not', async () => {
  const namespaces = '/api/v1/namespaces';
  const named = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'finalized' } };
  await send('POST', namespaces, named);
  const written = { ...named, spec: { finalizers: ['kubernetes', 'x/y'] }, status: { phase: 'Terminating' } };
  const { body } = await send('PUT', `${namespaces}/finalized/finalize?fieldManager=f`, written);
  const [own] = (body.metadata.managedFields as ManagedFieldsEntry[]).filter(
    ({ manager }) => manager === 'f',
  );
  assert.deepEqual(own?.fieldsV1, { 'f:spec': { 'f:finalizers': {} } });
});

test('an autoscaler of v1 – created without a target – has the default, which its creator owns', async () => {
  const autoscalers = '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers';
  const scaleTargetRef = { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' };
  const { body } = await send('POST', autoscalers, {
    metadata: { name: 'default-target' },
    spec: { scaleTargetRef, maxReplicas: 3 },
  });
  assert.equal(body.spec.targetCPUUtilizationPercentage, 80);
  const [{ fieldsV1 }] = body.metadata.managedFields;
  assert.deepEqual(fieldsV1['f:spec']['f:targetCPUUtilizationPercentage'], {});
});

test('an autoscaler of v2 – whose target another manager applies in v1 – conflicts in each field of it', async () => {
  const path = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';
  const target = { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' };
  const scaler = (name: string) => ({
    kind: 'HorizontalPodAutoscaler',
    metadata: { name },
    spec: { scaleTargetRef: target, maxReplicas: 3 },
  });
  for (const name of ['taken', 'left']) {
    await send('POST', `${path}?fieldManager=maker`, { ...scaler(name), apiVersion: 'autoscaling/v2' });
  }
  const apply = (name: string, scaleTargetRef: object) =>
    patch('apply', `${path.replace('v2', 'v1')}/${name}?fieldManager=other`, {
      ...scaler(name),
      apiVersion: 'autoscaling/v1',
      spec: { scaleTargetRef },
    });
  const { body } = await apply('taken', { kind: 'StatefulSet', name: 's', apiVersion: 'apps/v2' });
  assert.equal(
    body.message,
    'Apply failed with 3 conflicts: conflicts with "maker" using autoscaling/v2:\n' +
      '- .spec.scaleTargetRef.apiVersion\n- .spec.scaleTargetRef.kind\n- .spec.scaleTargetRef.name',
  );
  const left = await apply('left', target);
  const maker = left.body.metadata.managedFields.find(
    ({ manager }: ManagedFieldsEntry) => manager === 'maker',
  );
  assert.deepEqual(maker.fieldsV1['f:spec']['f:scaleTargetRef'], {
    'f:apiVersion': {},
    'f:kind': {},
    'f:name': {},
  });
});

test('owners of an event – in the other group than the next writer’s – own nothing any more', async () => {
  const event = {
    metadata: { name: 'two-groups', namespace: 'default' },
    eventTime: '2026-01-01T00:00:00.000000Z',
    reportingController: 'a.b/c',
    reportingInstance: 'i',
    action: 'A',
    reason: 'R',
    type: 'Normal',
    regarding: { namespace: 'default', kind: 'Pod', name: 'p' },
  };
  await send('POST', '/apis/events.k8s.io/v1/namespaces/default/events', event);
  const path = '/api/v1/namespaces/default/events/two-groups?fieldManager=core';
  const { body } = await patch('merge', path, { count: 3 });
  const owners = (body.metadata.managedFields as ManagedFieldsEntry[]).map(({ manager }) => manager);
  assert.deepEqual(owners, ['core']);
});

test('owners – with null where a set of fields would be – own the field itself', async () => {
  await send('POST', maps, map('null-fields', { a: '1' }));
  const fieldsV1 = { 'f:data': null };
  const entry = { manager: 'm', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1 };
  const given = {
    ...map('null-fields', { a: '1' }),
    metadata: { name: 'null-fields', managedFields: [entry] },
  };
  const { body } = await send('PUT', `${maps}/null-fields`, given);
  const owner = body.metadata.managedFields.find(({ manager }: ManagedFieldsEntry) => manager === 'm');
  assert.deepEqual(owner.fieldsV1, { 'f:data': {} });
});
