import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  clusterRoleBindings,
  clusterRoles,
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
} from '#api/generated/kinds.gen.ts';
import type { PolicyRule } from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { refusalOf } from '#testing/server/hooks.ts';
import { startTestServer, type TestServer } from '#testing/server/test-server.ts';

const resourceRules = [
  { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] },
];
const paramKind = { apiVersion: 'v1', kind: 'Secret' };
const policyOf = (kind = paramKind) => ({
  matchConstraints: { resourceRules },
  paramKind: kind,
  validations: [{ expression: 'true' }],
});
const mutationOf = (kind = paramKind) => ({
  matchConstraints: { resourceRules },
  paramKind: kind,
  reinvocationPolicy: 'Never',
  mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{}]' } }],
});
const paramRef = { name: 's', namespace: 'default', parameterNotFoundAction: 'Deny' };

/** Edith may write policies, and these. */
async function serverOfEdith(...more: PolicyRule[]): Promise<TestServer> {
  const api = await startTestServer({ setup: 'kubernetes' });
  const rules = [{ verbs: ['*'], apiGroups: ['admissionregistration.k8s.io'], resources: ['*'] }, ...more];
  await api.client.create(clusterRoles, { metadata: { name: 'edith' }, rules });
  await api.client.create(clusterRoleBindings, {
    metadata: { name: 'edith' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edith' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'edith' }],
  });
  return api;
}

const edith = '&{edith  [system:authenticated] map[]}';
const secrets: PolicyRule = { verbs: ['get', 'list'], apiGroups: [''], resources: ['secrets'] };

const kinds = [
  {
    kind: 'ValidatingAdmissionPolicy',
    policies: validatingAdmissionPolicies as ResourceType,
    bindings: validatingAdmissionPolicyBindings as ResourceType,
    specOf: policyOf,
    bound: { validationActions: ['Deny'] },
    refused: (verb: string) =>
      `user ${edith} does not have "${verb}" permission on the object referenced by paramRef`,
  },
  {
    kind: 'MutatingAdmissionPolicy',
    policies: mutatingAdmissionPolicies as ResourceType,
    bindings: mutatingAdmissionPolicyBindings as ResourceType,
    specOf: mutationOf,
    bound: {},
    refused: (verb: string) =>
      `user ${verb} does not have "${edith}" permission on the object referenced by paramRef`,
  },
];

for (const { kind, policies, bindings, specOf, bound, refused } of kinds) {
  const group = 'admissionregistration.k8s.io';
  const invalid = (resource: string, why: string) =>
    `422 Invalid ${resource}.${group} "p" is invalid: ${why}`;
  const policy = (spec = specOf()): KubeObject => ({ metadata: { name: 'p' }, spec }) as KubeObject;
  const binding = (more: object = {}): KubeObject =>
    ({ metadata: { name: 'p' }, spec: { policyName: 'p', paramRef, ...bound, ...more } }) as KubeObject;

  test(`a ${kind} – whose author may not read its params – is refused, unless they stay what they were`, async () => {
    await using api = await serverOfEdith();
    const client = api.as('edith');
    const why = `spec.paramKind: Forbidden: user ${edith} must have "get" permission on all objects of the referenced paramKind (kind=Secret, apiVersion=v1)`;
    assert.equal(await refusalOf(client.create(policies, policy())), invalid(kind, why));
    await api.client.create(policies, policy());
    const labels = { metadata: { labels: { a: 'b' } } };
    await client.patch(policies, { name: 'p' }, 'merge', labels);
    const other = { spec: { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } } };
    const refusal = await refusalOf(client.patch(policies, { name: 'p' }, 'merge', other));
    assert.match(refusal, /\(kind=ConfigMap, apiVersion=v1\)$/);
  });

  test(`a binding of a ${kind} – whose author may not read its params – is refused`, async () => {
    await using api = await serverOfEdith();
    const client = api.as('edith');
    const create = (more?: object) => refusalOf(client.create(bindings, binding(more)));
    const everything = `to determine minimum required permissions and user ${edith} does not have "get" permission for all groups, versions and resources`;
    const paths = `${kind}Binding`;
    assert.equal(
      await create(),
      invalid(paths, `spec.paramRef: Forbidden: unable to get policy p ${everything}`),
    );
    await api.client.create(policies, policy());
    assert.equal(await create(), invalid(paths, `spec.paramRef: Forbidden: ${refused('get')}`));
    const selector = { paramRef: { selector: {}, parameterNotFoundAction: 'Deny' } };
    assert.equal(await create(selector), invalid(paths, `spec.paramRef: Forbidden: ${refused('list')}`));
    await api.client.delete(policies, { name: 'p' });
    await api.client.create(policies, policy(specOf({ apiVersion: 'example.com/v1', kind: 'Gone' })));
    assert.equal(
      await create(),
      invalid(
        paths,
        `spec.paramRef: Forbidden: unable to resolve paramKind &ParamKind{APIVersion:example.com/v1,Kind:Gone,} ${everything}`,
      ),
    );
  });

  test(`a ${kind} and its binding – whose author may read the params – are stored`, async () => {
    await using api = await serverOfEdith(secrets);
    const client = api.as('edith');
    await client.create(policies, policy());
    await client.create(bindings, binding());
  });
}
