/** An update that creates: what it needs a right to, and what becomes of those that come at the same time. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespaces } from '#api/generated/kinds.gen.ts';
import type { LimitRange, Namespace } from '#api/generated/types.gen.ts';
import { bodyText } from '#client/transport/body.ts';
import { adminUser, startTestServer } from '#testing/server/test-server.ts';
import type { Authorizer } from '../contract/authorization.ts';

const updatesOnly: Authorizer = {
  name: 'updates-only',
  authorize: async ({ user, verb }) => ({
    decision: user.name === adminUser.name || verb === 'update' ? 'allow' : 'noOpinion',
    reason: 'only updates',
  }),
};

async function start() {
  const { server, client, stop } = await startTestServer({ authorizers: [updatesOnly] });
  const put = async (user: string, path: string, object: object) => {
    const request = {
      method: 'PUT',
      path,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify(object)),
    };
    const response = await server.transport({ name: user, groups: [] }).request(request);
    return { status: response.status, ...JSON.parse(await bodyText(response)) };
  };
  return { put, client, stop };
}

const range = '/api/v1/namespaces/a/limitranges/l';
const namespace = { metadata: { name: 'a' } };

test('an update of what is not there – a user who may not create – 403, and nothing is created', async (t) => {
  const { put, client, stop } = await start();
  t.after(stop);
  await client.create(namespaces, namespace);
  const limits = { metadata: { name: 'l' }, spec: { limits: [] } };
  const refused = await put('jane', range, limits);
  const why = 'User "jane" cannot create resource "limitranges" in API group "" in the namespace "a"';
  assert.deepEqual(
    [refused.status, refused.code, refused.message],
    ['Failure', 403, `limitranges "l" is forbidden: ${why}: only updates`],
  );
  assert.equal((await put(adminUser.name, range, limits)).kind, 'LimitRange');
  assert.equal((await put('jane', range, limits)).kind, 'LimitRange');
});

const kinds: [what: string, path: string, object: object, status: string | undefined][] = [
  ['a RuntimeClass', '/apis/node.k8s.io/v1/runtimeclasses/a', { handler: 'h' }, 'RuntimeClass'],
  [
    'a PodTemplate',
    '/api/v1/namespaces/a/podtemplates/a',
    { template: { spec: { containers: [{ name: 'a', image: 'b' }] } } },
    'Status',
  ],
];
for (const [what, path, object, kind] of kinds) {
  test(`an update of what is not there – ${what} – ${kind === 'Status' ? 'is refused' : 'creates it'}`, async (t) => {
    const { put, client, stop } = await start();
    t.after(stop);
    await client.create(namespaces, namespace);
    assert.equal((await put(adminUser.name, path, { metadata: { name: 'a' }, ...object })).kind, kind);
  });
}

test('a create – with a resource version – is refused by the store, which a dry run does not reach', async (t) => {
  const { client, stop } = await start();
  t.after(stop);
  const path = '/api/v1/namespaces';
  const object = { metadata: { name: 'a', resourceVersion: '1' } };
  await assert.rejects(client.raw('POST', path, object), {
    message: 'resourceVersion should not be set on objects to be created',
  });
  const made = await client.raw('POST', `${path}?dryRun=All`, object);
  assert.equal((made as Namespace).metadata!.name, 'a');
});

test('a LimitRange – without a name – gets one', async (t) => {
  const { client, stop } = await start();
  t.after(stop);
  await client.create(namespaces, namespace);
  const made = await client.raw('POST', '/api/v1/namespaces/a/limitranges', { spec: { limits: [] } });
  assert.match((made as LimitRange).metadata!.name!, /^[0-9a-f-]{36}$/);
});

test('updates – of what is not there, at the same time – create it once, and change it then', async (t) => {
  const { put, client, stop } = await start();
  t.after(stop);
  await client.create(namespaces, namespace);
  const users = ['a', 'b', 'c', 'd'];
  const answers = await Promise.all(
    users.map((label) =>
      put(adminUser.name, range, { metadata: { name: 'l', labels: { label } }, spec: { limits: [] } }),
    ),
  );
  assert.deepEqual(
    answers.map(({ message, metadata }) => message ?? metadata.labels.label),
    users,
  );
});
