import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuthorizationAttributes } from '../../contract/authorization.ts';
import { abacAuthorizer, abacRules, readAbacPolicies } from './abac.ts';

const v1beta1 = (spec: object) => ({
  apiVersion: 'abac.authorization.kubernetes.io/v1beta1',
  kind: 'Policy',
  spec,
});
const pods = { isResource: true, resource: 'pods', namespace: 'default', group: '' };
const apps = { isResource: true, resource: 'deployments', namespace: 'default', group: 'apps' };
const path = { isResource: false, path: '/healthz/etcd' };
const jane = { name: 'jane', groups: ['devs', 'system:authenticated'] };
const anonymous = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

// biome-ignore format: a table
for (const [policy, asked, isAllowed] of [
  [v1beta1({ user: 'jane', resource: 'pods', namespace: 'default' }), { user: jane, verb: 'create', ...pods }, true],
  [v1beta1({ user: 'jane', resource: 'pods', namespace: 'default' }), { user: jane, verb: 'get', ...apps }, false],
  [v1beta1({ user: 'jane', resource: '*', namespace: '*', apiGroup: 'apps' }), { user: jane, verb: 'get', ...apps }, true],
  [v1beta1({ user: 'jane', resource: '*', namespace: '*', apiGroup: '*', readonly: true }), { user: jane, verb: 'watch', ...apps }, true],
  [v1beta1({ user: 'jane', resource: '*', namespace: '*', apiGroup: '*', readonly: true }), { user: jane, verb: 'delete', ...apps }, false],
  [v1beta1({ group: 'devs', nonResourcePath: '/healthz/*' }), { user: jane, verb: 'get', ...path }, true],
  [v1beta1({ group: 'devs', nonResourcePath: '/healthz' }), { user: jane, verb: 'get', ...path }, false],
  [v1beta1({ user: 'jane', group: 'ops', nonResourcePath: '*' }), { user: jane, verb: 'get', ...path }, false],
  [v1beta1({ user: '*', nonResourcePath: '*' }), { user: jane, verb: 'get', ...path }, true],
  [v1beta1({ user: '*', nonResourcePath: '*' }), { user: anonymous, verb: 'get', ...path }, false],
  [v1beta1({ nonResourcePath: '*' }), { user: jane, verb: 'get', ...path }, false],
  [{}, { user: jane, verb: 'get', ...path }, true],
  [{ user: 'jane' }, { user: jane, verb: 'delete', ...apps }, true],
  [{ user: 'jane', namespace: 'other' }, { user: jane, verb: 'delete', ...apps }, false],
  [{ user: 'jane', namespace: 'default' }, { user: jane, verb: 'get', ...path }, false],
] as const) {
  test(`the policy ${JSON.stringify(policy)} – ${asked.verb} of ${'path' in asked ? asked.path : asked.resource} by ${asked.user.name} – ${isAllowed ? 'is allowed' : 'is left to others'}`, () => {
    const authorizer = abacAuthorizer(readAbacPolicies('f', JSON.stringify(policy)));
    const expected = isAllowed
      ? { decision: 'allow', reason: '' }
      : { decision: 'noOpinion', reason: 'No policy matched.' };
    assert.deepEqual(authorizer.authorize(asked as unknown as AuthorizationAttributes), expected);
  });
}

test('a policy file – with a line that is wrong – names it', () => {
  assert.throws(() => readAbacPolicies('/etc/p', '# one\n\n{"apiVersion":"v1","kind":"Pod"}'), {
    message:
      'error reading policy file /etc/p, line 3: {"apiVersion":"v1","kind":"Pod"}: no kind "Pod" is registered for version "v1"',
  });
});

test('the rules of a user – in a namespace – are those of the policies that match both, as upstream lists them', () => {
  const policies = readAbacPolicies(
    'f',
    [
      v1beta1({ user: 'jane', resource: 'pods', namespace: 'default', readonly: true }),
      v1beta1({ group: 'devs', resource: '*', namespace: '*', apiGroup: 'apps', nonResourcePath: '/logs/*' }),
      v1beta1({ user: 'jane', resource: 'secrets', namespace: 'other' }),
      v1beta1({ user: 'joe', resource: 'secrets', namespace: 'default' }),
      v1beta1({ user: 'jane', nonResourcePath: '*' }),
    ]
      .map((policy) => JSON.stringify(policy))
      .join('\n'),
  );
  assert.deepEqual(abacRules(policies, jane, 'default'), [
    { verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['pods'] },
    { verbs: ['*'], apiGroups: ['apps'], resources: ['*'] },
    { verbs: ['*'], nonResourceURLs: ['/logs/*'] },
  ]);
});
