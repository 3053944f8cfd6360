/** What no write may change of an object: which one it is. By every form of patch, by update, by scale. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { configMaps, deployments } from '#api/generated/kinds.gen.ts';
import { kindOf } from '#api/kinds/kinds.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import { silentLog } from '#base/log.ts';
import { systemEnv } from '#host/system-env.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { encodeObject } from '#wire/json/canonical.ts';
import { prefixOf } from '../registry/keys.ts';

const server = await startTestServer();
after(() => server.stop());

const namespace = 'default';
const types = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

async function send(method: string, path: string, type: string, body: unknown) {
  const headers = { 'content-type': type };
  const request = { method, path, headers, body: Buffer.from(JSON.stringify(body)) };
  const response = await server.transport.request(request);
  const text = Buffer.concat([response.body as Uint8Array].flat()).toString();
  return { status: response.status, body: JSON.parse(text) };
}

const noName = 'the name of the object (a based on URL) was undeterminable: name must be provided';
const otherName = 'the name of the object (b) does not match the name on the URL (a)';
const otherNamespace =
  'the namespace of the provided object does not match the namespace sent on the request';
const remove = (path: string) => [{ op: 'remove', path }];
const replace = (path: string, value: unknown) => [{ op: 'replace', path, value }];

const refused: [keyof typeof types, patch: unknown, code: number, message: string][] = [
  ['merge', { metadata: { name: null } }, 400, noName],
  ['merge', { metadata: { name: '' } }, 400, noName],
  ['merge', { metadata: { name: 'b' } }, 400, otherName],
  ['merge', { metadata: null }, 400, noName],
  ['merge', { metadata: { namespace: 'b' } }, 400, otherNamespace],
  ['json', remove('/metadata/name'), 400, noName],
  ['json', remove('/metadata'), 400, noName],
  ['json', replace('/metadata/name', 'b'), 400, otherName],
  ['json', replace('/metadata/namespace', 'b'), 400, otherNamespace],
  ['json', replace('', {}), 400, noName],
  ['json', [{ op: 'move', from: '/metadata/name', path: '/metadata/labels/x' }], 400, noName],
  ['strategic', { $patch: 'delete' }, 400, noName],
  ['strategic', { $patch: 'replace' }, 400, noName],
  ['strategic', { metadata: { $patch: 'delete' } }, 400, noName],
  ['strategic', { metadata: { $patch: 'replace' } }, 400, noName],
  ['strategic', { metadata: { $retainKeys: [] } }, 400, noName],
  ['strategic', { metadata: null }, 400, noName],
  ['strategic', { metadata: { name: 'b' } }, 400, otherName],
];

const path = `/api/v1/namespaces/${namespace}/configmaps/a`;
const labels = { x: 'y' };

test("a patch – that changes an object's identity – is rejected, and nothing has changed", async (t) => {
  const made = await server.client.create(configMaps, { metadata: { name: 'a', namespace, labels } });
  for (const [type, patch, code, message] of refused) {
    await t.test(JSON.stringify(patch), async () => {
      const answer = await send('PATCH', path, types[type], patch);
      assert.deepEqual([answer.status, answer.body.message], [code, message]);
    });
  }
  assert.deepEqual(await server.client.get(configMaps, { namespace, name: 'a' }), made);
});

test('fields of the server – left out by a patch – stay', async (t) => {
  const made = await server.client.create(configMaps, { metadata: { name: 'kept', namespace } });
  for (const patch of [
    { metadata: { namespace: null } },
    { metadata: { uid: null } },
    { metadata: { creationTimestamp: null } },
    { metadata: { creationTimestamp: '1999-01-01T00:00:00Z' } },
    { kind: null, apiVersion: null },
  ]) {
    await t.test(JSON.stringify(patch), async () => {
      const answer = await send('PATCH', path.replace(/a$/, 'kept'), types.merge, patch);
      assert.equal(answer.status, 200);
      assert.deepEqual(answer.body, made);
    });
  }
});

test("an update, a status, a scale – that changes an object's identity – is rejected", async (t) => {
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const spec = { selector: { matchLabels: { a: 'b' } }, template };
  await server.client.create(deployments, { metadata: { name: 'a', namespace }, spec });
  const web = `/apis/apps/v1/namespaces/${namespace}/deployments/a`;
  for (const at of [web, `${web}/status`, `${web}/scale`]) {
    const isScale = at.endsWith('scale');
    for (const [metadata, message] of [
      [{}, noName],
      [{ name: 'b' }, otherName],
      [{ name: 'a', namespace: 'b' }, otherNamespace],
    ] as const) {
      const body = isScale ? { metadata, spec: { replicas: 1 } } : { metadata, spec };
      await t.test(`PUT ${at} ${JSON.stringify(metadata)}`, async () => {
        const put = await send('PUT', at, 'application/json', body);
        assert.deepEqual([put.status, put.body.message], [400, message]);
      });
    }
    await t.test(`PATCH ${at}`, async () => {
      const patched = await send('PATCH', at, types.merge, { metadata: { name: null } });
      assert.deepEqual([patched.status, patched.body.message], [400, noName]);
    });
  }
});

test('an object of any kind – patched – keeps its name', async (t) => {
  const env = systemEnv(silentLog);
  const store = openMemoryStore(env);
  const { resources } = loadSchema();
  const stored = resources.filter(({ verbs }) => verbs.includes('patch') && verbs.includes('create'));
  // Put there by hand: what each kind asks of a new object is not the matter.
  for (const def of stored) {
    const value = encodeObject({ metadata: { name: 'a', namespace, uid: 'u' } });
    await store.commit({
      compare: [],
      ops: [{ type: 'put', key: `${prefixOf(kindOf(def))}${namespace}/a`, value }],
    });
  }
  const own = await startTestServer({ env, store });
  for (const def of stored.filter(({ namespaced }) => namespaced)) {
    await t.test(`${def.group}/${def.version} ${def.resource}`, async () => {
      const prefix = def.group === '' ? '/api/' : `/apis/${def.group}/`;
      const at = `${prefix}${def.version}/namespaces/${namespace}/${def.resource}/a`;
      const headers = { 'content-type': types.merge };
      const body = Buffer.from('{"metadata":{"name":null}}');
      const { status } = await own.transport.request({ method: 'PATCH', path: at, headers, body });
      assert.equal(status, 400, at);
    });
  }
  await own.stop();
  await store.close();
});

test('a store with an object that lost its name – started – has it again', async () => {
  const env = systemEnv(silentLog);
  const store = openMemoryStore(env);
  const put = (key: string, metadata: object) =>
    store.commit({
      compare: [],
      ops: [{ type: 'put', key, value: encodeObject({ kind: 'ConfigMap', metadata }) }],
    });
  await put('/registry/configmaps/default/nameless', { uid: 'u' });
  await put('/registry/configmaps/default/other', { name: 'b', namespace: 'c', labels });
  await put('/registry/namespaces/n', { namespace: 'x' });
  const own = await startTestServer({ env, store });
  const listed = await own.client.list(configMaps);
  assert.deepEqual(
    listed.items.map(({ metadata }) => [metadata.namespace, metadata.name, metadata.labels]),
    [
      ['default', 'nameless', undefined],
      ['default', 'other', labels],
    ],
  );
  const { items } = await store.range({ start: '/registry/namespaces/', end: '/registry/namespaces0' }, {});
  assert.deepEqual(JSON.parse(Buffer.from(items[0]!.value).toString()).metadata, { name: 'n' });
  await own.stop();
  await store.close();
});
