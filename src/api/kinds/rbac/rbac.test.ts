/** Roles and bindings, case by case as in upstream's tables. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeMessagesOf, created, messagesOf } from '#testing/kind-cases.ts';
import type { AnyObject } from '../../meta/object.ts';

const group = 'rbac.authorization.k8s.io';
const roleRef = { apiGroup: group, kind: 'ClusterRole', name: 'valid' };
const validSubjects = [
  { kind: 'ServiceAccount', name: 'validsaname', namespace: 'foo' },
  { kind: 'User', apiGroup: group, name: 'valid@username' },
  { kind: 'Group', apiGroup: group, name: 'valid@groupname' },
];

/** Cluster-wide or not: the same messages except for the kinds of role that may be referenced. */
const bindings: readonly [resource: string, kinds: string][] = [
  ['rolebindings', '"Role", "ClusterRole"'],
  ['clusterrolebindings', '"ClusterRole"'],
];
const noKind = (value: string, kinds: string) =>
  `roleRef.kind: Unsupported value: ${JSON.stringify(value)}: supported values: ${kinds}`;
const badSubject = (subject: object) => ({ subjects: [subject] });

const bindingCases = (kinds: string): [what: string, changes: object, messages: string[]][] => [
  ['all is right', {}, []],
  ['no subject', { subjects: undefined }, []],
  [
    'a role of another group',
    { roleRef: { ...roleRef, apiGroup: 'rbac.GroupName' } },
    [`roleRef.apiGroup: Unsupported value: "rbac.GroupName": supported values: "${group}"`],
  ],
  ['a role of another kind', { roleRef: { ...roleRef, kind: 'Type' } }, [noKind('Type', kinds)]],
  ['a role without name', { roleRef: { ...roleRef, name: '' } }, ['roleRef.name: Required value']],
  [
    'a role named as no path can be',
    { roleRef: { ...roleRef, name: 'a/b' } },
    [`roleRef.name: Invalid value: "a/b": may not contain '/'`],
  ],
  ['no role', { roleRef: undefined }, [noKind('', kinds), 'roleRef.name: Required value']],
  [
    'a subject of no kind',
    badSubject({ name: 'subject' }),
    ['subjects[0].kind: Unsupported value: "": supported values: "ServiceAccount", "User", "Group"'],
  ],
  [
    'a service account with a bad name',
    badSubject({ namespace: 'foo', name: 'subject:bad', kind: 'ServiceAccount' }),
    [
      `subjects[0].name: Invalid value: "subject:bad": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    ],
  ],
  [
    'a service account of a group',
    badSubject({ namespace: 'foo', name: 'a', kind: 'ServiceAccount', apiGroup: 'foo' }),
    ['subjects[0].apiGroup: Unsupported value: "foo": supported values: ""'],
  ],
  [
    'a user of another group',
    badSubject({ name: 'a', kind: 'User', apiGroup: 'foo' }),
    [`subjects[0].apiGroup: Unsupported value: "foo": supported values: "${group}"`],
  ],
  [
    'a group of another group',
    badSubject({ name: 'a', kind: 'Group', apiGroup: 'foo' }),
    [`subjects[0].apiGroup: Unsupported value: "foo": supported values: "${group}"`],
  ],
  [
    'a subject without name',
    badSubject({ namespace: 'foo', kind: 'ServiceAccount' }),
    ['subjects[0].name: Required value'],
  ],
];

for (const [resource, kinds] of bindings) {
  const valid = {
    metadata: { name: 'master', ...(resource === 'rolebindings' && { namespace: 'default' }) },
    roleRef,
    subjects: validSubjects,
  } as AnyObject;
  const judged = (changes: object) =>
    messagesOf(group, resource, created(group, resource, { ...valid, ...changes } as AnyObject));

  for (const [what, changes, messages] of bindingCases(kinds)) {
    test(`${resource} – ${what} – has its messages`, () => assert.deepEqual(judged(changes), messages));
  }

  test(`${resource} – a role of a namespace – as its scope permits`, () => {
    const messages = resource === 'rolebindings' ? [] : [noKind('Role', kinds)];
    assert.deepEqual(judged({ roleRef: { ...roleRef, kind: 'Role' } }), messages);
  });

  test(`${resource} – a service account without namespace – is invalid`, () => {
    const messages = resource === 'rolebindings' ? [] : ['subjects[0].namespace: Required value'];
    assert.deepEqual(judged({ subjects: [{ name: 'valid', kind: 'ServiceAccount' }] }), messages);
  });

  test(`${resource} – updated – subjects may change, the role may not`, () => {
    assert.deepEqual(changeMessagesOf(group, resource, { ...valid, subjects: [] } as AnyObject, valid), []);
    const other = { ...valid, roleRef: { ...roleRef, name: 'changed' } } as AnyObject;
    assert.deepEqual(changeMessagesOf(group, resource, other, valid), [
      `roleRef: Invalid value: {"APIGroup":"${group}","Kind":"ClusterRole","Name":"changed"}: cannot change roleRef`,
    ]);
  });

  test(`${resource} – API groups – default by kind`, () => {
    const bare = {
      ...valid,
      roleRef: { kind: 'ClusterRole', name: 'valid' },
      subjects: validSubjects.map(({ apiGroup: _, ...subject }) => subject),
    };
    assert.deepEqual(created(group, resource, bare), valid);
  });
}

const get = { verbs: ['get'], apiGroups: ['v1'], resources: ['limitranges'] };
const ruleCases: readonly [what: string, rule: object, role: string[], clusterRole: string[]][] = [
  ['a resource', get, [], []],
  ['a resource by name', { ...get, resourceNames: ['limits'] }, [], []],
  [
    'a URL',
    { verbs: ['get'], nonResourceURLs: ['/*'] },
    ['rules[0].nonResourceURLs: Invalid value: ["/*"]: namespaced rules cannot apply to non-resource URLs'],
    [],
  ],
  [
    'no verb',
    { ...get, verbs: [] },
    ['rules[0].verbs: Required value: verbs must contain at least one value'],
    ['rules[0].verbs: Required value: verbs must contain at least one value'],
  ],
  [
    'no verb for a URL',
    { nonResourceURLs: ['/*'] },
    [
      'rules[0].verbs: Required value: verbs must contain at least one value',
      'rules[0].nonResourceURLs: Invalid value: ["/*"]: namespaced rules cannot apply to non-resource URLs',
    ],
    ['rules[0].verbs: Required value: verbs must contain at least one value'],
  ],
  [
    'no group',
    { ...get, apiGroups: undefined },
    ['rules[0].apiGroups: Required value: resource rules must supply at least one api group'],
    ['rules[0].apiGroups: Required value: resource rules must supply at least one api group'],
  ],
  [
    'no resource',
    { ...get, resources: undefined },
    ['rules[0].resources: Required value: resource rules must supply at least one resource'],
    ['rules[0].resources: Required value: resource rules must supply at least one resource'],
  ],
  [
    'resources and URLs',
    { ...get, nonResourceURLs: ['/*'] },
    [
      'rules[0].nonResourceURLs: Invalid value: ["/*"]: namespaced rules cannot apply to non-resource URLs',
      'rules[0].nonResourceURLs: Invalid value: ["/*"]: rules cannot apply to both regular resources and non-resource URLs',
    ],
    [
      'rules[0].nonResourceURLs: Invalid value: ["/*"]: rules cannot apply to both regular resources and non-resource URLs',
    ],
  ],
];

for (const [what, rule, ofRole, ofClusterRole] of ruleCases) {
  test(`rules – ${what} – have their messages`, () => {
    const role = { metadata: { name: 'reader' }, rules: [rule] };
    const inNamespace = { ...role, metadata: { ...role.metadata, namespace: 'default' } };
    assert.deepEqual(messagesOf(group, 'roles', inNamespace), ofRole);
    assert.deepEqual(messagesOf(group, 'clusterroles', role), ofClusterRole);
  });
}

const selectors = 'aggregationRule.clusterRoleSelectors';
const aggregations: readonly [what: string, rule: object, messages: string[]][] = [
  ['one selector', { clusterRoleSelectors: [{ matchLabels: { foo: 'bar' } }] }, []],
  [
    'no selector',
    {},
    [`${selectors}: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil`],
  ],
  [
    'a broken selector',
    { clusterRoleSelectors: [{ matchExpressions: [{ key: 'a', operator: 'Odd' }] }] },
    [
      `${selectors}[0].matchExpressions[0].operator: Invalid value: "Odd": not a valid selector operator`,
      `${selectors}[0]: Invalid value: null: invalid label selector.`,
    ],
  ],
];

for (const [what, aggregationRule, messages] of aggregations) {
  test(`aggregation – ${what} – has its messages`, () => {
    const role = { metadata: { name: 'sum' }, aggregationRule } as AnyObject;
    assert.deepEqual(messagesOf(group, 'clusterroles', role), messages);
  });
}
