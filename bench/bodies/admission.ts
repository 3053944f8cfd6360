/** Admission policies, their bindings and webhooks, which are expensive to validate, to compile, or to match later. */

import { type Body, json, many, text } from './body.ts';

const registration = '/apis/admissionregistration.k8s.io/v1';

const policy = (spec: string): Body => [
  'POST',
  `${registration}/validatingadmissionpolicies`,
  json,
  `{"metadata":{"generateName":"p"},"spec":{${spec}}}`,
];
const matching =
  '"matchConstraints":{"resourceRules":[{"apiGroups":["x.example"],"apiVersions":["*"],"operations":["*"],"resources":["*"]}]}';
const valid = '"validations":[{"expression":"true"}]';
const mutating = (spec: string): Body => [
  'POST',
  `${registration}/mutatingadmissionpolicies`,
  json,
  `{"metadata":{"generateName":"p"},"spec":{${matching},"reinvocationPolicy":"Never",${spec}}}`,
];
const binding = (spec: string): Body => [
  'POST',
  `${registration}/validatingadmissionpolicybindings`,
  json,
  `{"metadata":{"generateName":"b"},"spec":{"policyName":"none","validationActions":["Deny"],${spec}}}`,
];
const client =
  '"clientConfig":{"url":"https://127.0.0.1:9/"},"admissionReviewVersions":["v1"],"sideEffects":"None"';
const hooks = (kind: string, webhooks: string): Body => [
  'POST',
  `${registration}/${kind}webhookconfigurations`,
  json,
  `{"metadata":{"generateName":"w"},"webhooks":[${webhooks}]}`,
];

export const admissionBodies: readonly (readonly [what: string, body: Body])[] = [
  [
    'policy with validations',
    policy(`${matching},"validations":[${many(10_000, (i) => `{"expression":"object.a == ${i}"}`)}]`),
  ],
  [
    'policy with equal validations',
    policy(`${matching},"validations":[${many(24_000, () => '{"expression":"true"}')}]`),
  ],
  [
    'policy with validations that are no expressions',
    policy(`${matching},"validations":[${many(24_000, (i) => `{"expression":"a${i} +"}`)}]`),
  ],
  [
    'policy with messages',
    policy(
      `${matching},"validations":[${many(10_000, (i) => `{"expression":"true","messageExpression":"'${i}' + string(object.a)"}`)}]`,
    ),
  ],
  [
    'policy with a long expression',
    policy(`${matching},"validations":[{"expression":"${text(60_000, (i) => `object.a != ${i}`, ' && ')}"}]`),
  ],
  [
    'policy with a deep expression',
    policy(`${matching},"validations":[{"expression":"${'['.repeat(20_000)}${']'.repeat(20_000)}"}]`),
  ],
  [
    'policy with a list',
    policy(`${matching},"validations":[{"expression":"object.a in [${text(200_000, (i) => `${i}`, ',')}]"}]`),
  ],
  [
    'policy with macros in macros',
    policy(
      `${matching},"validations":[{"expression":"${'[1].all(x, '.repeat(2000)}true${')'.repeat(2000)}"}]`,
    ),
  ],
  [
    'policy with variables',
    policy(
      `${matching},${valid},"variables":[${many(10_000, (i) => `{"name":"v${i}","expression":"object.a + ${i}"}`)}]`,
    ),
  ],
  [
    'policy with variables of variables',
    policy(
      `${matching},${valid},"variables":[{"name":"v0","expression":"[object.a]"},${many(10_000, (i) => `{"name":"v${i + 1}","expression":"variables.v${i} + variables.v${i}"}`)}]`,
    ),
  ],
  [
    'policy with match conditions',
    policy(
      `${matching},${valid},"matchConditions":[${many(24_000, (i) => `{"name":"c${i}","expression":"object.a == ${i}"}`)}]`,
    ),
  ],
  [
    'policy with annotations for the audit',
    policy(
      `${matching},"auditAnnotations":[${many(24_000, (i) => `{"key":"k${i}","valueExpression":"string(object.a)"}`)}]`,
    ),
  ],
  [
    'policy for many resources',
    policy(
      `${valid},"matchConstraints":{"resourceRules":[${many(10_000, (i) => `{"apiGroups":["g${i}"],"apiVersions":["v1"],"operations":["*"],"resources":["r${i}"]}`)}]}`,
    ),
  ],
  [
    'policy for all kinds, with validations',
    policy(
      `"matchConstraints":{"resourceRules":[${many(100, () => `{"apiGroups":["","apps","batch"],"apiVersions":["v1"],"operations":["*"],"resources":["pods","deployments","jobs","statefulsets","daemonsets","services","nodes"]}`)}]},"validations":[${many(1000, (i) => `{"expression":"object.metadata.name != 'n${i}' && object.spec.size() > ${i}"}`)}]`,
    ),
  ],
  [
    'policy with a selector',
    policy(
      `${valid},"matchConstraints":{"namespaceSelector":{"matchExpressions":[${many(16_000, (i) => `{"key":"k${i}","operator":"In","values":["v"]}`)}]},"resourceRules":[{"apiGroups":["*"],"apiVersions":["*"],"operations":["*"],"resources":["*"]}]}`,
    ),
  ],
  [
    'mutating policy with mutations',
    mutating(
      `"mutations":[${many(10_000, (i) => `{"patchType":"ApplyConfiguration","applyConfiguration":{"expression":"Object{a: ${i}}"}}`)}]`,
    ),
  ],
  [
    'mutating policy with patches',
    mutating(
      `"mutations":[${many(10_000, (i) => `{"patchType":"JSONPatch","jsonPatch":{"expression":"[JSONPatch{op: 'add', path: '/a', value: ${i}}]"}}`)}]`,
    ),
  ],
  [
    'binding with a selector',
    binding(
      `"matchResources":{"namespaceSelector":{"matchExpressions":[${many(16_000, (i) => `{"key":"k${i}","operator":"In","values":["v"]}`)}]}}`,
    ),
  ],
  [
    'binding for many resources',
    binding(
      `"matchResources":{"resourceRules":[${many(10_000, (i) => `{"apiGroups":["g${i}"],"apiVersions":["v1"],"operations":["*"],"resources":["r${i}"]}`)}]}`,
    ),
  ],
  [
    'binding with parameters by a selector',
    binding(
      `"paramRef":{"parameterNotFoundAction":"Allow","selector":{"matchExpressions":[${many(16_000, (i) => `{"key":"k${i}","operator":"Exists"}`)}]}}`,
    ),
  ],
  [
    'webhooks',
    hooks(
      'validating',
      many(10_000, (i) => `{"name":"w${i}.x.example",${client}}`),
    ),
  ],
  [
    'webhooks of one name',
    hooks(
      'mutating',
      many(10_000, () => `{"name":"w.x.example",${client}}`),
    ),
  ],
  [
    'rules of a webhook',
    hooks(
      'validating',
      `{"name":"w.x.example",${client},"rules":[${many(10_000, (i) => `{"apiGroups":["g${i}"],"apiVersions":["v1"],"operations":["CREATE"],"resources":["r${i}"]}`)}]}`,
    ),
  ],
  [
    'resources of a webhook',
    hooks(
      'mutating',
      `{"name":"w.x.example",${client},"rules":[{"apiGroups":["g"],"apiVersions":["v1"],"operations":["CREATE"],"resources":[${many(150_000, (i) => `"r${i}"`)}]}]}`,
    ),
  ],
  [
    'match conditions of a webhook',
    hooks(
      'validating',
      `{"name":"w.x.example",${client},"matchConditions":[${many(24_000, (i) => `{"name":"c${i}","expression":"object.a == ${i}"}`)}]}`,
    ),
  ],
  [
    'match conditions of many webhooks',
    hooks(
      'validating',
      many(
        1000,
        (i) =>
          `{"name":"w${i}.x.example",${client},"matchConditions":[${many(30, (j) => `{"name":"c${j}","expression":"object.a == ${i * 30 + j}"}`)}]}`,
      ),
    ),
  ],
  [
    'selectors of webhooks',
    hooks(
      'validating',
      many(
        1000,
        (i) =>
          `{"name":"w${i}.x.example",${client},"objectSelector":{"matchLabels":{${text(20, (j) => `"k${i}.${j}":"v"`, ',')}}}}`,
      ),
    ),
  ],
  [
    'certificates of a webhook',
    hooks(
      'validating',
      `{"name":"w.x.example","clientConfig":{"url":"https://127.0.0.1:9/","caBundle":"${Buffer.from(`-----BEGIN CERTIFICATE-----\n${`${'QUFB'.repeat(16)}\n`.repeat(12_000)}-----END CERTIFICATE-----\n`).toString('base64')}"},"admissionReviewVersions":["v1"],"sideEffects":"None"}`,
    ),
  ],
];
