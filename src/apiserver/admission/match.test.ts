import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployments, events, namespaces, nodes, pods } from '#api/generated/kinds.gen.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { AdmissionOperation, AdmissionRule } from '../contract/admission.ts';
import { matchedResource } from './match.ts';

const everything: AdmissionRule = {
  operations: ['*'],
  apiGroups: ['*'],
  apiVersions: ['*'],
  resources: ['*/*'],
};
const ruleOf = (part: Partial<AdmissionRule>): AdmissionRule => ({ ...everything, ...part });

interface Row {
  readonly name: string;
  readonly rule: AdmissionRule;
  readonly type?: ResourceType;
  readonly operation?: AdmissionOperation;
  readonly subresource?: string;
  readonly matches: boolean;
}

const rows: readonly Row[] = [
  { name: 'everything – any request', rule: everything, matches: true },
  { name: 'everything – any subresource', rule: everything, subresource: 'status', matches: true },

  { name: 'the operation named – it', rule: ruleOf({ operations: ['CREATE'] }), matches: true },
  {
    name: 'another operation named – none',
    rule: ruleOf({ operations: ['UPDATE', 'DELETE'] }),
    matches: false,
  },
  {
    name: 'one of several operations – it',
    rule: ruleOf({ operations: ['UPDATE', 'DELETE'] }),
    operation: 'DELETE',
    matches: true,
  },
  {
    name: 'every operation – CONNECT too',
    rule: everything,
    operation: 'CONNECT',
    subresource: 'exec',
    matches: true,
  },
  { name: 'no operation named – none', rule: ruleOf({ operations: [] }), matches: false },

  { name: 'the group named – it', rule: ruleOf({ apiGroups: ['apps'] }), type: deployments, matches: true },
  {
    name: 'another group named – none',
    rule: ruleOf({ apiGroups: ['extensions'] }),
    type: deployments,
    matches: false,
  },
  {
    name: 'the empty group – only the core group',
    rule: ruleOf({ apiGroups: [''] }),
    type: deployments,
    matches: false,
  },
  { name: 'the empty group – the core group', rule: ruleOf({ apiGroups: [''] }), matches: true },
  {
    name: 'a group with a star in it – nothing but its name',
    rule: ruleOf({ apiGroups: ['app*'] }),
    type: deployments,
    matches: false,
  },

  { name: 'the version named – it', rule: ruleOf({ apiVersions: ['v1'] }), matches: true },
  { name: 'another version named – none', rule: ruleOf({ apiVersions: ['v1beta1'] }), matches: false },

  { name: 'the resource named – it', rule: ruleOf({ resources: ['pods'] }), matches: true },
  {
    name: 'the resource named – not its subresources',
    rule: ruleOf({ resources: ['pods'] }),
    subresource: 'status',
    matches: false,
  },
  { name: 'another resource named – none', rule: ruleOf({ resources: ['podtemplates'] }), matches: false },
  {
    name: 'a subresource named – it',
    rule: ruleOf({ resources: ['pods/status'] }),
    subresource: 'status',
    matches: true,
  },
  {
    name: 'a subresource named – not the resource',
    rule: ruleOf({ resources: ['pods/status'] }),
    matches: false,
  },
  {
    name: 'a subresource named – no other',
    rule: ruleOf({ resources: ['pods/status'] }),
    subresource: 'exec',
    matches: false,
  },
  { name: 'all of a resource – it', rule: ruleOf({ resources: ['pods/*'] }), matches: true },
  {
    name: 'all of a resource – its subresources',
    rule: ruleOf({ resources: ['pods/*'] }),
    subresource: 'exec',
    matches: true,
  },
  {
    name: 'all of a resource – no other resource',
    rule: ruleOf({ resources: ['pods/*'] }),
    type: nodes,
    matches: false,
  },
  {
    name: 'a subresource of every resource – it',
    rule: ruleOf({ resources: ['*/status'] }),
    subresource: 'status',
    matches: true,
  },
  {
    name: 'a subresource of every resource – not the resource',
    rule: ruleOf({ resources: ['*/status'] }),
    matches: false,
  },
  { name: 'every resource – it', rule: ruleOf({ resources: ['*'] }), matches: true },
  {
    name: 'every resource – no subresource',
    rule: ruleOf({ resources: ['*'] }),
    subresource: 'status',
    matches: false,
  },
  {
    name: 'one of several resources – it',
    rule: ruleOf({ resources: ['nodes', 'pods/exec'] }),
    subresource: 'exec',
    matches: true,
  },

  { name: 'every scope – with a namespace', rule: ruleOf({ scope: '*' }), matches: true },
  { name: 'every scope – without one', rule: ruleOf({ scope: '*' }), type: nodes, matches: true },
  { name: 'scope Namespaced – with a namespace', rule: ruleOf({ scope: 'Namespaced' }), matches: true },
  {
    name: 'scope Namespaced – not without one',
    rule: ruleOf({ scope: 'Namespaced' }),
    type: nodes,
    matches: false,
  },
  {
    name: 'scope Namespaced – not a namespace itself',
    rule: ruleOf({ scope: 'Namespaced' }),
    type: namespaces,
    matches: false,
  },
  { name: 'scope Cluster – not with a namespace', rule: ruleOf({ scope: 'Cluster' }), matches: false },
  { name: 'scope Cluster – without one', rule: ruleOf({ scope: 'Cluster' }), type: nodes, matches: true },
  {
    name: 'scope Cluster – a namespace itself',
    rule: ruleOf({ scope: 'Cluster' }),
    type: namespaces,
    matches: true,
  },
];

for (const { name, rule, type = pods, operation = 'CREATE', subresource = '', matches } of rows) {
  test(`a rule of ${name} – ${matches ? 'it matches' : 'it does not match'}`, () => {
    assert.equal(matchedResource([rule], operation, [type], subresource), matches ? type : undefined);
  });
}

const newer: ResourceType = { ...events, group: 'events.k8s.io' };
const older: ResourceType = { ...events, group: 'extensions' };
const ofGroups = (...groups: string[]) => groups.map((group) => ruleOf({ apiGroups: [group] }));

test('rules – of no form of the resource – mean none', () => {
  assert.equal(matchedResource(ofGroups('apps'), 'CREATE', [events, newer], ''), undefined);
});

test('rules – of an equivalent of the resource – mean the equivalent', () => {
  assert.equal(matchedResource(ofGroups('apps', 'events.k8s.io'), 'CREATE', [events, newer], ''), newer);
});

test('rules – a later one is of the resource of the request – mean it before an equivalent', () => {
  assert.equal(matchedResource(ofGroups('events.k8s.io', ''), 'CREATE', [events, newer], ''), events);
});

test('rules – of two equivalents – mean that of the earlier rule', () => {
  const rules = ofGroups('extensions', 'events.k8s.io');
  assert.equal(matchedResource(rules, 'CREATE', [events, newer, older], ''), older);
});

test('an equivalent – whose subresource is not meant – is not meant either', () => {
  const rules = [ruleOf({ apiGroups: ['events.k8s.io'], resources: ['events'] })];
  assert.equal(matchedResource(rules, 'UPDATE', [events, newer], 'status'), undefined);
});
