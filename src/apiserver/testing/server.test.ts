/** Requests through a whole in-process server: what comes back, by status, reason and message. */

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { configMaps, deployments, namespaces, pods } from '#api/generated/kinds.gen.ts';
import type { ObjectMeta } from '#api/meta/object.ts';
import type { StatusError } from '#api/meta/status.ts';
import { ProtobufDecoder } from '#api/protobuf/decode.ts';
import { ProtobufEncoder } from '#api/protobuf/encode.ts';
import { protobufMediaType, unwrapEnvelope, wrapEnvelope } from '#api/protobuf/envelope.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import type { ApiRequest } from '#client/transport/transport.ts';
import { newPod } from '#testing/objects.ts';
import { startTestServer } from '#testing/server/test-server.ts';

const server = await startTestServer();
after(() => server.stop());

async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const request: ApiRequest = {
    method,
    path,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
  };
  const response = await server.transport.request(request);
  assert.ok(!('start' in response.body), 'not a stream');
  const bytes = Buffer.concat([response.body as Uint8Array].flat());
  return { status: response.status, headers: response.headers, body: JSON.parse(bytes.toString() || 'null') };
}

const maps = '/api/v1/namespaces/default/configmaps';
const pod = (name: string, metadata: ObjectMeta = {}) => {
  const made = newPod(name, { nodeName: 'n1' });
  return { ...made, metadata: { ...made.metadata, ...metadata } };
};

test('unknown and duplicate fields – in a body – cause warnings and are dropped', async () => {
  const body = Buffer.from('{"metadata":{"name":"warned"},"foo":1,"data":{"a":"1","a":"2"}}');
  const headers = { 'content-type': 'application/json' };
  const answer = await server.transport.request({ method: 'POST', path: maps, headers, body });
  assert.equal(answer.status, 201);
  assert.equal(
    answer.headers['warning'],
    '299 - "unknown field \\"foo\\"", 299 - "duplicate field \\"data.a\\""',
  );
  const stored = await send('GET', `${maps}/warned`);
  assert.deepEqual([stored.body.foo, stored.body.data], [undefined, { a: '2' }]);
});

test('a warning – with any character – reaches the client', async () => {
  const body = { metadata: { name: 'odd-names' }, 'grün\n': 1 };
  const answer = await send('POST', maps, body);
  const text = Buffer.from(answer.headers['warning']!, 'latin1').toString();
  assert.equal(text, '299 - "unknown field \\"grün\\\\n\\""');
});

test('an update – with a stale version – is a conflict; with the current one or none it is stored', async () => {
  const created = (await send('POST', maps, { metadata: { name: 'u' }, data: { a: '1' } })).body;
  const changed = { ...created, data: { a: '2' } };
  assert.equal((await send('PUT', `${maps}/u`, changed)).status, 200);
  const late = await send('PUT', `${maps}/u`, changed);
  assert.equal(late.status, 409);
  assert.equal(
    late.body.message,
    'Operation cannot be fulfilled on configmaps "u": the object has been modified; please apply your changes to the latest version and try again',
  );
  const same = await send('PUT', `${maps}/u`, { metadata: { name: 'u' }, data: { a: '2' } });
  assert.equal(same.status, 200);
  const other = await send('PUT', `${maps}/u`, { metadata: { name: 'u', uid: 'x' } });
  assert.equal(other.status, 409);
  assert.match(other.body.message, /Precondition failed: UID in precondition: x, UID in object meta: /);
});

test('an update – without a change – keeps the version', async () => {
  const created = (await send('POST', maps, { metadata: { name: 'same' }, data: { a: '1', b: '2' } })).body;
  const again = await send('PUT', `${maps}/same`, { metadata: { name: 'same' }, data: { b: '2', a: '1' } });
  assert.equal(again.body.metadata.resourceVersion, created.metadata.resourceVersion);
});

test('patches – of all three types – are applied', async () => {
  await send('POST', maps, { metadata: { name: 'p' }, data: { a: '1' } });
  const patch = async (type: string, body: unknown) =>
    (await send('PATCH', `${maps}/p`, body, { 'content-type': type })).body;
  assert.deepEqual((await patch('application/merge-patch+json', { data: { b: '2' } })).data, {
    a: '1',
    b: '2',
  });
  assert.deepEqual((await patch('application/strategic-merge-patch+json', { data: { a: null } })).data, {
    b: '2',
  });
  const add = [{ op: 'add', path: '/data/c', value: '3' }];
  assert.deepEqual((await patch('application/json-patch+json', add)).data, { b: '2', c: '3' });
  const long = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/data/b', value: '2' }));
  assert.equal((await patch('application/json-patch+json', long)).code, 413);
  assert.equal((await patch('application/apply-patch+cbor', {})).code, 415);
});

test('twenty patches – at once – are all applied', async () => {
  await send('POST', maps, { metadata: { name: 'many' }, data: {} });
  const names = Array.from({ length: 20 }, (_, i) => `k${i}`);
  const headers = { 'content-type': 'application/merge-patch+json' };
  await Promise.all(names.map((name) => send('PATCH', `${maps}/many`, { data: { [name]: '1' } }, headers)));
  const stored = await send('GET', `${maps}/many`);
  assert.equal(Object.keys(stored.body.data).length, 20);
});

test('a dry run – of each verb – stores nothing', async () => {
  const answer = await send('POST', `${maps}?dryRun=All`, { metadata: { name: 'dry' } });
  assert.equal(answer.status, 201);
  assert.equal((await send('GET', `${maps}/dry`)).status, 404);
});

test('the pages of a list – with writes in between – are of one revision', async () => {
  const path = '/api/v1/namespaces/paged/configmaps';
  for (const name of ['a', 'b', 'c', 'd', 'e']) await send('POST', path, { metadata: { name } });
  const first = (await send('GET', `${path}?limit=2`)).body;
  assert.deepEqual(
    first.items.map((item: { metadata: { name: string } }) => item.metadata.name),
    ['a', 'b'],
  );
  assert.equal(first.metadata.remainingItemCount, 3);
  await send('DELETE', `${path}/c`);
  await send('POST', path, { metadata: { name: 'cc' } });
  const next = (await send('GET', `${path}?limit=2&continue=${first.metadata.continue}`)).body;
  assert.deepEqual(
    next.items.map((item: { metadata: { name: string } }) => item.metadata.name),
    ['c', 'd'],
  );
  assert.equal(next.metadata.resourceVersion, first.metadata.resourceVersion);
  await server.store.compact(await server.store.newestRevision());
  const late = await send('GET', `${path}?limit=2&continue=${next.metadata.continue}`);
  assert.equal(late.status, 410);
  assert.equal(late.body.reason, 'Expired');
  const rest = (await send('GET', `${path}?limit=2&continue=${late.body.metadata.continue}`)).body;
  assert.deepEqual(
    rest.items.map((item: { metadata: { name: string } }) => item.metadata.name),
    ['e'],
  );
});

test('a pod – deleted – gets its grace period, which can only become shorter', async () => {
  const path = '/api/v1/namespaces/default/pods/graceful';
  await server.client.create(pods, pod('graceful'));
  const first = await send('DELETE', path);
  assert.equal(first.body.kind, 'Pod');
  assert.equal(first.body.metadata.deletionGracePeriodSeconds, 30);
  assert.equal(
    (await send('DELETE', `${path}?gracePeriodSeconds=60`)).body.metadata.deletionGracePeriodSeconds,
    30,
  );
  assert.equal(
    (await send('DELETE', `${path}?gracePeriodSeconds=5`)).body.metadata.deletionGracePeriodSeconds,
    5,
  );
  assert.equal((await send('DELETE', `${path}?gracePeriodSeconds=0`)).status, 200);
  assert.equal((await send('GET', path)).status, 404);
});

test('an object with finalizers – deleted – stays until they are removed', async () => {
  await send('POST', maps, { metadata: { name: 'held', finalizers: ['example.com/x'] } });
  const deleted = await send('DELETE', `${maps}/held`);
  assert.ok(deleted.body.metadata.deletionTimestamp);
  const again = await send('DELETE', `${maps}/held`);
  assert.equal(again.status, 200);
  const headers = { 'content-type': 'application/merge-patch+json' };
  const released = await send('PATCH', `${maps}/held`, { metadata: { finalizers: null } }, headers);
  assert.equal(released.status, 200);
  assert.equal((await send('GET', `${maps}/held`)).status, 404);
});

describe('a propagation policy – of a deletion – becomes a finalizer', () => {
  for (const [policy, finalizer] of [
    ['Foreground', 'foregroundDeletion'],
    ['Orphan', 'orphan'],
  ]) {
    test(policy!, async () => {
      await send('POST', maps, { metadata: { name: `gc-${finalizer!.toLowerCase()}` } });
      const answer = await send('DELETE', `${maps}/gc-${finalizer!.toLowerCase()}`, {
        propagationPolicy: policy,
      });
      assert.deepEqual(answer.body.metadata.finalizers, [finalizer]);
    });
  }
});

test('a deletion – with preconditions that fail – is a conflict', async () => {
  await send('POST', maps, { metadata: { name: 'pre' } });
  const answer = await send('DELETE', `${maps}/pre`, { preconditions: { uid: 'x' } });
  assert.equal(answer.status, 409);
  assert.match(answer.body.message, /the UID in the precondition \(x\) does not match the UID in record/);
});

test('a namespace – with finalizers – stays until they are removed', async () => {
  await server.client.create(namespaces, { metadata: { name: 'going' } });
  const marked = await send('DELETE', '/api/v1/namespaces/going');
  assert.equal(marked.body.status.phase, 'Terminating');
  const finalized = { ...marked.body, spec: { finalizers: [] } };
  assert.equal((await send('PUT', '/api/v1/namespaces/going/finalize', finalized)).status, 200);
  assert.equal((await send('GET', '/api/v1/namespaces/going')).status, 404);
});

test('status and spec – written apart – change alone, and only spec raises the generation', async () => {
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const spec = { replicas: 2, selector: { matchLabels: { a: 'b' } }, template };
  const created = await server.client.create(deployments, {
    metadata: { name: 'd', namespace: 'default' },
    spec,
  });
  const both = structuredClone(created);
  both.spec!.replicas = 9;
  both.status = { replicas: 1 };
  const after = await server.client.updateStatus(deployments, both);
  assert.deepEqual([after.spec?.replicas, after.status?.replicas, after.metadata.generation], [2, 1, 1]);
  const path = '/apis/apps/v1/namespaces/default/deployments/d/scale';
  const scale = (await send('GET', path)).body;
  assert.deepEqual([scale.spec, scale.status], [{ replicas: 2 }, { replicas: 1, selector: 'a=b' }]);
  assert.equal((await send('PUT', path, { ...scale, spec: { replicas: 5 } })).body.spec.replicas, 5);
  const scaled = await server.client.get(deployments, { namespace: 'default', name: 'd' });
  assert.deepEqual([scaled.spec?.replicas, scaled.metadata.generation], [5, 2]);
});

test('an event – of v1 and of events.k8s.io – is one object', async () => {
  const event = {
    metadata: { name: 'e' },
    involvedObject: { kind: 'Pod', namespace: 'default', name: 'x' },
    message: 'm',
  };
  await send('POST', '/api/v1/namespaces/default/events', event);
  const other = (
    await send('GET', '/apis/events.k8s.io/v1/namespaces/default/events?fieldSelector=regarding.name=x')
  ).body;
  assert.equal(other.items[0].note, 'm');
  assert.equal(other.apiVersion, 'events.k8s.io/v1');
});

test("a list – as a Table and as metadata only – has upstream's form", async () => {
  const table = (
    await send('GET', maps, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })
  ).body;
  assert.equal(table.kind, 'Table');
  assert.equal(table.rows[0].object.kind, 'PartialObjectMetadata');
  const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
  const partial = (await send('GET', maps, undefined, { accept })).body;
  assert.equal(partial.kind, 'PartialObjectMetadataList');
  const older = (await send('GET', maps, undefined, { accept: accept.replace('v=v1', 'v=v1beta1') })).body;
  assert.deepEqual([older.apiVersion, older.items[0].apiVersion], Array(2).fill('meta.k8s.io/v1beta1'));
  const unknown = await send('GET', maps, undefined, { accept: 'text/html' });
  assert.equal(unknown.status, 406);
});

test('a panic – in a handler – is a 500 with a Status', async () => {
  const broken = await startTestServer({
    authorizers: [
      {
        name: 'broken',
        authorize() {
          throw new TypeError('boom');
        },
      },
    ],
  });
  try {
    await assert.rejects(
      broken.client.get(configMaps, { namespace: 'a', name: 'b' }),
      (error: StatusError) => error.code === 500 && error.message === 'Internal error occurred: boom',
    );
  } finally {
    await broken.stop();
  }
});

test('a request – no authorizer allows it – is forbidden', async () => {
  const closed = await startTestServer({
    authorizers: [{ name: 'no', authorize: () => ({ decision: 'noOpinion', reason: '' }) }],
  });
  try {
    await assert.rejects(closed.client.list(pods, { namespace: 'default' }), {
      message:
        'pods is forbidden: User "kubernetes-admin" cannot list resource "pods" in API group "" in the namespace "default"',
    });
  } finally {
    await closed.stop();
  }
});

test('a body in protobuf – whole – is read; cut short, it is a 400', async () => {
  const raw = new ProtobufEncoder(loadSchema()).encode('io.k8s.api.core.v1.ConfigMap', {
    metadata: { name: 'typed' },
    data: { a: '1' },
  });
  const body = wrapEnvelope({ apiVersion: 'v1', kind: 'ConfigMap', raw });
  const headers = { 'content-type': protobufMediaType };
  const post = (bytes: Uint8Array) =>
    server.transport.request({ method: 'POST', path: maps, headers, body: bytes });
  assert.equal((await post(body)).status, 201);
  assert.deepEqual((await send('GET', `${maps}/typed`)).body.data, { a: '1' });
  assert.equal((await post(body.subarray(0, body.length - 3))).status, 400);
});

test('an answer – the client accepts protobuf, alone or before JSON – is protobuf', async () => {
  await send('POST', maps, { metadata: { name: 'proto', labels: { form: 'proto' } }, data: { a: '1' } });
  const ask = (path: string, accept: string) =>
    server.transport.request({ method: 'GET', path, headers: { accept } });
  const both = await ask(`${maps}/proto`, `${protobufMediaType},application/json`);
  assert.equal(both.headers['content-type'], protobufMediaType);
  const decoder = new ProtobufDecoder(loadSchema());
  const read = async (path: string, type: string) => {
    const answer = await ask(path, protobufMediaType);
    assert.equal(answer.headers['content-type'], protobufMediaType);
    const { kind, raw } = unwrapEnvelope(answer.body as Uint8Array);
    return { kind, object: decoder.decode(`io.k8s.api.core.v1.${type}`, raw) as Record<string, unknown> };
  };
  const item = await read(`${maps}/proto`, 'ConfigMap');
  assert.deepEqual([item.kind, item.object['data']], ['ConfigMap', { a: '1' }]);
  const list = await read(`${maps}?labelSelector=form%3Dproto`, 'ConfigMapList');
  assert.deepEqual([list.kind, (list.object['items'] as unknown[]).length], ['ConfigMapList', 1]);
});

test('a create – memory is short – is refused; changes and deletions are not', async () => {
  const memory = { isShort: false, regained: async () => !memory.isShort };
  const { client, stop } = await startTestServer({ memory });
  try {
    const made = await client.create(configMaps, { metadata: { name: 'a', namespace: 'default' } });
    memory.isShort = true;
    await assert.rejects(client.create(configMaps, { metadata: { name: 'b', namespace: 'default' } }), {
      code: 507,
      reason: 'InsufficientStorage',
    });
    await client.update(configMaps, { ...made, data: { k: 'v' } });
    await client.delete(configMaps, { namespace: 'default', name: 'a' });
    memory.regained = async () => true;
    await client.create(configMaps, { metadata: { name: 'b', namespace: 'default' } });
  } finally {
    await stop();
  }
});
