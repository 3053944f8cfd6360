import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSchema } from '../schema/load-schema.ts';
import { operationsOf } from './operations.ts';
import { responsesOf } from './paths.ts';

const schema = loadSchema();
const deployments = schema.resources.find(({ kind }) => kind === 'Deployment')!;

for (const [group, word, tag] of [
  ['', 'CoreV1', 'core_v1'],
  ['rbac.authorization.k8s.io', 'RbacAuthorizationV1', 'rbacAuthorization_v1'],
  ['cert-manager.io', 'CertManagerIoV1', 'certManagerIo_v1'],
] as const) {
  test(`operations of the group "${group}" – have the names that generators of clients make methods of – ${tag}`, () => {
    const operations = operationsOf(schema, { ...deployments, group });
    const read = operations.find(({ action, path }) => action === 'get' && path.endsWith('{name}'))!;
    assert.deepEqual([read.operationId, read.tag], [`read${word}NamespacedDeployment`, tag]);
  });
}

test('operations – of a resource – have the codes that upstream documents', () => {
  const codes = operationsOf(schema, deployments)
    .filter(({ path }) => /\/deployments(\/\{name\})?$/.test(path) && path.includes('{namespace}'))
    .map((operation) => [operation.action, Object.keys(responsesOf(operation, {})).join(' ')]);
  assert.deepEqual(Object.fromEntries(codes), {
    list: '200 401',
    post: '200 201 202 401',
    deletecollection: '200 401',
    get: '200 401',
    put: '200 201 401',
    patch: '200 201 401',
    delete: '200 202 401',
    watchlist: '200 401',
    watch: '200 401',
  });
});
