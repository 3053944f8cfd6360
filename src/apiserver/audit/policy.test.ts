/** Which rule of a policy a request meets; and which policies are refused. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AuditedAttributes, type PolicyRule, policyEvaluator } from './policy.ts';
import { readPolicy } from './read-policy.ts';

const pod: AuditedAttributes = {
  user: { name: 'jane', groups: ['dev'] },
  verb: 'get',
  isResource: true,
  path: '/api/v1/namespaces/a/pods/p/log',
  group: '',
  version: 'v1',
  resource: 'pods',
  subresource: 'log',
  namespace: 'a',
  name: 'p',
};
const healthz: AuditedAttributes = {
  ...pod,
  isResource: false,
  path: '/healthz/ping',
  resource: '',
  subresource: '',
};
const node = { ...pod, resource: 'nodes', subresource: '', namespace: '' };

interface Row {
  readonly rule: Omit<PolicyRule, 'level'>;
  readonly meets: readonly AuditedAttributes[];
}

const { user: _, ...userless } = pod;
const all = { pod, healthz, node, userless };

// biome-ignore format: a table
const rows: readonly Row[] = [
  { rule: {}, meets: [pod, healthz, node, userless] },
  { rule: { users: ['jane'] }, meets: [pod, healthz, node] },
  { rule: { users: ['bob'] }, meets: [] },
  { rule: { userGroups: ['ops', 'dev'] }, meets: [pod, healthz, node] },
  { rule: { verbs: ['list'] }, meets: [] },
  { rule: { namespaces: ['a'] }, meets: [pod, userless] },
  { rule: { namespaces: [''] }, meets: [node] },
  { rule: { resources: [{ resources: ['pods'] }] }, meets: [] },
  { rule: { resources: [{ resources: ['pods/log'] }] }, meets: [pod, userless] },
  { rule: { resources: [{ resources: ['pods/*'] }] }, meets: [pod, userless] },
  { rule: { resources: [{ resources: ['*/log'] }] }, meets: [pod, userless] },
  { rule: { resources: [{ resources: ['*'] }] }, meets: [pod, node, userless] },
  { rule: { resources: [{ group: '*' }] }, meets: [pod, node, userless] },
  { rule: { resources: [{ group: 'apps' }] }, meets: [] },
  { rule: { resources: [{ resources: ['nodes'], resourceNames: ['p'] }] }, meets: [node] },
  { rule: { resources: [{ resources: ['nodes'], resourceNames: ['q'] }] }, meets: [] },
  { rule: { nonResourceURLs: ['*'] }, meets: [healthz] },
  { rule: { nonResourceURLs: ['/healthz*'] }, meets: [healthz] },
  { rule: { nonResourceURLs: ['/healthz'] }, meets: [] },
];

for (const { rule, meets } of rows) {
  test(`audit policy – a rule with ${JSON.stringify(rule)} – meets what it says`, () => {
    const evaluate = policyEvaluator({ rules: [{ level: 'Request', ...rule }] });
    const met = Object.entries(all).filter(([, attributes]) => evaluate(attributes).level === 'Request');
    const expected = Object.entries(all).filter(([, attributes]) => meets.includes(attributes));
    assert.deepEqual(met, expected);
  });
}

test('audit policy – the first rule that matches – decides, its stages added to those of the policy', () => {
  const evaluate = policyEvaluator({
    omitStages: ['RequestReceived'],
    omitManagedFields: true,
    rules: [
      { level: 'None', users: ['bob'] },
      { level: 'Metadata', omitStages: ['Panic'], omitManagedFields: false },
      { level: 'RequestResponse' },
    ],
  });
  assert.deepEqual(evaluate(pod), {
    level: 'Metadata',
    omitStages: new Set(['RequestReceived', 'Panic']),
    omitManagedFields: false,
  });
});

const head = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';

test('audit policy file – fields that are unknown – are warnings, and the rest is used', () => {
  const { policy, warnings } = readPolicy(`${head}rules:\n- level: Metadata\n  colour: red\n`);
  assert.deepEqual(policy, { rules: [{ level: 'Metadata', colour: 'red' }].map(({ level }) => ({ level })) });
  assert.deepEqual(warnings, ['unknown field "rules[0].colour"']);
});

const refused: readonly [string, string][] = [
  ['kind: Policy\nrules: []', "Object 'apiVersion' is missing"],
  [`${head}rules: []`, 'loaded illegal policy with 0 rules'],
  [`${head}rules: [{}]`, 'rules[0].level: Required value'],
  [
    `${head}rules: [{level: All}]`,
    'rules[0].level: Unsupported value: "All": supported values: "None", "Metadata", "Request", "RequestResponse"',
  ],
  [
    `${head}omitStages: [Begin]\nrules: [{level: None, nonResourceURLs: [healthz, "/a*b"], namespaces: [a]}]`,
    '[omitStages[0]: Invalid value: "Begin": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic, ' +
      'rules[0].nonResourceURLs[0]: Invalid value: "healthz": non-resource URL rules must begin with a \'/\' character, ' +
      'rules[0].nonResourceURLs[1]: Invalid value: "/a*b": non-resource URL wildcards \'*\' must be the final character of the rule, ' +
      'rules[0].nonResourceURLs: Invalid value: ["healthz","/a*b"]: rules cannot apply to both regular resources and non-resource URLs]',
  ],
  [
    `${head}rules: [{level: None, resources: [{group: rbac.authorization.k8s.io/v1, resourceNames: [a]}]}]`,
    '[rules[0].resources.group: Invalid value: "rbac.authorization.k8s.io/v1": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, ' +
      "'-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
      "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'), " +
      'rules[0].resources.resourceNames: Invalid value: ["a"]: using resourceNames requires at least one resource]',
  ],
];

for (const [text, message] of refused) {
  test(`audit policy file – ${JSON.stringify(text.split('\n').at(-1))} – is refused`, () => {
    assert.throws(() => readPolicy(text), { message });
  });
}
