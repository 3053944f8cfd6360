/** Requests with two faults at once: which of them is answered is upstream's order of the phases of a write. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterRoleBindings, clusterRoles, nodes, pods, serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Client } from '#client/client.ts';
import { newPod } from '#testing/objects.ts';
import { startTestServer, type TestServer } from '#testing/server/test-server.ts';

const group = 'rbac.authorization.k8s.io';
const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
const noVerbs = { apiGroups: ['*'], resources: ['*'], verbs: [] };

/** Edith may write roles and bindings, and connect to pods by GET alone. */
async function serverOfEdith(): Promise<TestServer> {
  const api = await startTestServer({ setup: 'kubernetes' });
  const verbs = ['create', 'get', 'update'];
  await api.client.create(clusterRoles, {
    metadata: { name: 'edith' },
    rules: [
      { verbs, apiGroups: [group], resources: ['*'] },
      { verbs: ['get'], apiGroups: [''], resources: ['pods/exec', 'pods/proxy'] },
    ],
  });
  await api.client.create(clusterRoleBindings, {
    metadata: { name: 'edith' },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'edith' },
    subjects: [{ apiGroup: group, kind: 'User', name: 'edith' }],
  });
  return api;
}

/** The plugin of service accounts waits for it. */
async function createAccount(client: Client): Promise<void> {
  await client.create(serviceAccounts, { metadata: { name: 'default', namespace: 'default' } });
}

async function refusalOf(write: Promise<unknown>): Promise<string> {
  const error = await write.then(
    () => assert.fail('it was not refused'),
    (error: unknown) => error,
  );
  assert.ok(error instanceof StatusError, String(error));
  return `${error.code} ${error.message}`;
}

const update = (client: Client, role: AnyObject) =>
  refusalOf(client.raw('PUT', `/apis/${group}/v1/clusterroles/${role.metadata!.name}`, role));
const post = (client: Client, path: string, object: object) => refusalOf(client.raw('POST', path, object));
const notHeld = 'is attempting to grant RBAC permissions not currently held';

test('a role – that grants more than its author holds and is invalid – is refused for what it grants', async () => {
  await using api = await serverOfEdith();
  const role = { metadata: { name: 'r' }, rules: [everything, noVerbs] };
  const refusal = await post(api.as('edith'), `/apis/${group}/v1/clusterroles`, role);
  assert.match(refusal, new RegExp(`^403 clusterroles.${group} "r" is forbidden: user "edith" .*${notHeld}`));
});

test('a role – that grants more and whose name is drawn – is refused without a name', async () => {
  await using api = await serverOfEdith();
  const role = { metadata: { generateName: 'r-' }, rules: [everything] };
  const refusal = await post(api.as('edith'), `/apis/${group}/v1/clusterroles`, role);
  assert.match(refusal, new RegExp(`^403 clusterroles.${group} is forbidden: user "edith" .*${notHeld}`));
});

test('a role – that grants more and is there already – is refused for what it grants', async () => {
  await using api = await serverOfEdith();
  const role = { metadata: { name: 'edith' }, rules: [everything] };
  assert.match(await post(api.as('edith'), `/apis/${group}/v1/clusterroles`, role), new RegExp(notHeld));
});

test('an update of a role – that grants more and is of an old version – is refused for what it grants', async () => {
  await using api = await serverOfEdith();
  const role = { metadata: { name: 'edith', resourceVersion: '1' }, rules: [everything] };
  assert.match(await update(api.as('edith'), role as AnyObject), new RegExp(notHeld));
});

test('an update of a role – of an old version and invalid – is refused for its version', async () => {
  await using api = await serverOfEdith();
  const role = { metadata: { name: 'edith', resourceVersion: '1' }, rules: [noVerbs] };
  assert.match(await update(api.client, role as AnyObject), /^409 Operation cannot be fulfilled/);
});

test('a binding – to a role that is not there, with an invalid subject – is refused for the role', async () => {
  await using api = await serverOfEdith();
  const binding = {
    metadata: { name: 'b' },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'gone' },
    subjects: [{ kind: 'Ghost', name: 'x' }],
  };
  const refusal = await post(api.as('edith'), `/apis/${group}/v1/clusterrolebindings`, binding);
  assert.equal(refusal, `404 clusterroles.${group} "gone" not found`);
});

test('a pod of a kubelet – no mirror pod and invalid – is refused for its author', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const kubelet = api.as('system:node:n1', 'system:nodes');
  await createAccount(api.client);
  await api.client.create(nodes, { metadata: { name: 'n1' } });
  const pod = newPod('p', { containers: [] });
  const refusal = await refusalOf(kubelet.create(pods, pod));
  assert.match(refusal, /^403 pods "p" is forbidden: pod does not have "kubernetes.io\/config.mirror"/);
});

test('a status of a kubelet – of the node of another and of an old version – is refused for its author', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const kubelet = api.as('system:node:n1', 'system:nodes');
  await api.client.create(nodes, { metadata: { name: 'n2' } });
  const node = { metadata: { name: 'n2', resourceVersion: '1' }, status: {} };
  const refusal = await refusalOf(kubelet.raw('PUT', '/api/v1/nodes/n2/status', node));
  assert.match(refusal, /^403 nodes "n2" is forbidden/);
});

const podPath = '/api/v1/namespaces/default/pods';
const connections: readonly [condition: string, method: string, path: string, refusal: string][] = [
  ['to a pod that is not there, without upgrade', 'POST', 'gone/exec', '404 pods "gone" not found'],
  ['tried only', 'POST', 'gone/exec?dryRun=All', '400 dryRun is not supported'],
  ['through a proxy, tried only', 'GET', 'gone/proxy/?dryRun=All', '400 dryRun is not supported'],
  [
    'to a pod without a node, without upgrade',
    'POST',
    'p/portforward',
    '400 pod p does not have a host assigned',
  ],
  [
    'to a container that is not there, without upgrade',
    'GET',
    'p/attach?container=x',
    '400 container x is not valid for pod p',
  ],
];

for (const [condition, method, path, refusal] of connections) {
  test(`a connection – ${condition} – is refused for what upstream finds first`, async () => {
    await using api = await startTestServer({ setup: 'kubernetes' });
    await createAccount(api.client);
    await api.client.create(pods, newPod('p'));
    assert.equal(await refusalOf(api.client.raw(method, `${podPath}/${path}`)), refusal);
  });
}

test('a connection by GET – of who may not create it, to a pod that is not there – is refused for its author', async () => {
  await using api = await serverOfEdith();
  const refusal = await refusalOf(api.as('edith').raw('GET', `${podPath}/gone/exec`));
  assert.match(refusal, /^403 pods "gone" is forbidden: User "edith" cannot create resource "pods\/exec"/);
});
