import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  clusterRoleBindings,
  clusterRoles,
  namespaces,
  resourceClaims,
  roleBindings,
  roles,
} from '#api/generated/kinds.gen.ts';
import type { UserInfo } from '#api/meta/user.ts';
import type { Client } from '#client/client.ts';
import { createClient } from '#client/rest/client.ts';
import { refusalOf } from '#testing/server/hooks.ts';
import { startTestServer, type TestServer } from '#testing/server/test-server.ts';

const status = '/apis/resource.k8s.io/v1/namespaces/ns/resourceclaims/a/status';
const key = { namespace: 'ns', name: 'a' };
const spec = { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c' } }] } };
const d = { driver: 'd.example.com', pool: 'p', device: 'd' };
const e = { driver: 'b.example.com', pool: 'p', device: 'e' };
const onNode = { key: 'metadata.name', operator: 'In', values: ['n1'] };
const allocation = {
  devices: { results: [d, e].map((device) => ({ request: 'r', ...device })) },
  nodeSelector: { nodeSelectorTerms: [{ matchFields: [onNode] }] },
};
const reservedFor = [{ resource: 'pods', name: 'x', uid: 'u' }];
const state = (device: object) => ({ ...device, conditions: [], data: { a: 1 } });

function clientFor(api: TestServer, name: string, node?: string): Client {
  const groups = ['system:authenticated'];
  const extra = node ? { extra: { 'authentication.kubernetes.io/node-name': [node] } } : {};
  const user: UserInfo = { name, groups, ...extra };
  return createClient(api.server.transport(user));
}
const account = 'system:serviceaccount:ns:driver';

/** Everyone may update the status of claims; who may also do what with which part of it: */
const grants = [
  { name: 'binder', subresource: 'binding', verb: 'update', isClusterWide: true },
  { name: 'binder-of-ns', subresource: 'binding', verb: 'update' },
  { name: 'driver', subresource: 'driver', verb: 'arbitrary-node:update', resourceNames: [d.driver] },
  { name: account, subresource: 'driver', verb: 'associated-node:update', resourceNames: [d.driver] },
  { name: 'elsewhere', subresource: 'driver', verb: 'associated-node:update', resourceNames: [d.driver] },
];

async function serverWithClaim(bound: boolean): Promise<TestServer> {
  const api = await startTestServer({ setup: 'kubernetes' });
  const { client } = api;
  await client.create(namespaces, { metadata: { name: 'ns' } });
  const apiGroup = 'rbac.authorization.k8s.io';
  const everyone = { apiGroup, kind: 'Group', name: 'system:authenticated' };
  const ruleOf = (verbs: string[], resource: string, more = {}) => [
    { verbs, apiGroups: ['resource.k8s.io'], resources: [resource], ...more },
  ];
  const metadata = { name: 'all' };
  const rules = ruleOf(['update', 'patch'], 'resourceclaims/status');
  await client.create(clusterRoles, { metadata, rules });
  const roleRef = { apiGroup, kind: 'ClusterRole', name: 'all' };
  await client.create(clusterRoleBindings, { metadata, roleRef, subjects: [everyone] });
  for (const { name, subresource, verb, isClusterWide, ...more } of grants) {
    const [role, binding] = isClusterWide ? [clusterRoles, clusterRoleBindings] : [roles, roleBindings];
    const metadata = { name, ...(isClusterWide ? {} : { namespace: 'ns' }) };
    await client.create(role, { metadata, rules: ruleOf([verb], `resourceclaims/${subresource}`, more) });
    const roleRef = { apiGroup, kind: isClusterWide ? 'ClusterRole' : 'Role', name };
    await client.create(binding, { metadata, roleRef, subjects: [{ apiGroup, kind: 'User', name }] });
  }
  await client.create(resourceClaims, { metadata: { name: 'a', namespace: 'ns' }, spec });
  if (bound) await client.raw('PUT', status, claimWith({ allocation }));
  return api;
}

const claimWith = (status: object) => ({ metadata: { name: 'a' }, spec, status });
const refused = '422 Invalid ResourceClaim.resource.k8s.io "a" is invalid: ';
const none = 'not refused';
const binding = (name: string, verb = 'update') =>
  `status.allocation: Forbidden: changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="${verb}" permission: resourceclaims.resource.k8s.io is forbidden: User "${name}" cannot ${verb} resource "resourceclaims/binding" in API group "resource.k8s.io" at the cluster scope`;
const driver = (name: string, driver: string, ...verbs: string[]) =>
  `status.devices: Forbidden: changing status.devices requires resource="resourceclaims/driver", verb="[${verbs.join(' ')}]" permission: resourceclaims.resource.k8s.io "${driver}" is forbidden: User "${name}" cannot ${verbs[0]} resource "resourceclaims/driver" in API group "resource.k8s.io" in the namespace "ns"`;

test('status of a claim – bound, reserved or taken back by users with and without resourceclaims/binding – asks for it in the whole cluster', async () => {
  await using api = await serverWithClaim(false);
  const put = (name: string, given: object) =>
    refusalOf(clientFor(api, name).raw('PUT', status, claimWith(given)));
  assert.equal(await put('jane', { allocation }), refused + binding('jane'));
  assert.equal(await put('binder-of-ns', { allocation }), refused + binding('binder-of-ns'));
  assert.equal(
    await put('jane', { reservedFor }),
    `${refused}[${binding('jane')}, status.reservedFor: Forbidden: may not be specified when \`allocated\` is not set]`,
  );
  const patch = { status: { allocation } };
  const options = { subresource: 'status' };
  const patched = clientFor(api, 'binder').patch(resourceClaims, key, 'merge', patch, options);
  assert.equal(await refusalOf(patched), refused + binding('binder', 'patch'));
  assert.equal(await put('binder', { allocation }), none);
  assert.equal(await put('jane', { allocation }), none);
  assert.equal(await put('jane', { allocation, reservedFor }), refused + binding('jane'));
  assert.equal(await put('jane', {}), refused + binding('jane'));
  assert.equal(await put('binder', {}), none);
});

const arbitrary = 'arbitrary-node:update';
const both = ['associated-node:update', arbitrary];
const devices = [
  { name: 'jane', given: [state(d)], refusal: driver('jane', d.driver, arbitrary) },
  {
    name: 'jane',
    given: [state(d), state(e)],
    refusal: `[${driver('jane', e.driver, arbitrary)}, ${driver('jane', d.driver, arbitrary)}]`,
  },
  { name: 'driver', given: [state(d)], refusal: none },
  { name: 'jane', given: [state(d)], refusal: none },
  { name: 'jane', given: [{ ...state(d), data: { a: 2 } }], refusal: driver('jane', d.driver, arbitrary) },
  {
    name: 'jane',
    given: [{ ...state(d), data: { a: 1, b: [] } }],
    refusal: driver('jane', d.driver, arbitrary),
  },
  { name: 'jane', given: [], refusal: driver('jane', d.driver, arbitrary) },
  { name: 'driver', given: [], refusal: none },
  { name: account, given: [state(d)], refusal: driver(account, d.driver, arbitrary) },
  { name: account, node: 'n2', given: [state(d)], refusal: driver(account, d.driver, arbitrary) },
  { name: 'elsewhere', node: 'n1', given: [state(d)], refusal: driver('elsewhere', d.driver, arbitrary) },
  { name: account, node: 'n1', given: [state(d), state(e)], refusal: driver(account, e.driver, ...both) },
  { name: account, node: 'n1', given: [state(d)], refusal: none },
];

test('states of devices – written by drivers on the node, elsewhere and by others – ask for resourceclaims/driver of each changed driver', async () => {
  await using api = await serverWithClaim(true);
  for (const { name, node, given, refusal } of devices) {
    const body = claimWith({ allocation, devices: given });
    const answer = await refusalOf(clientFor(api, name, node).raw('PUT', status, body));
    assert.equal(answer, refusal === none ? none : refused + refusal, JSON.stringify({ name, node, given }));
  }
});
