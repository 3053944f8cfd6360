/** Flow schemas and priority levels, roles and their bindings, signing requests and reviews that are expensive. */

import { type Body, json, keys, long, many, text } from './body.ts';

const rbac = (resource: string, spec: string): Body => [
  'POST',
  `/apis/rbac.authorization.k8s.io/v1/${resource}`,
  json,
  `{"metadata":{"generateName":"r"},${spec}}`,
];
const flow = (resource: string, spec: string): Body => [
  'POST',
  `/apis/flowcontrol.apiserver.k8s.io/v1/${resource}`,
  json,
  `{"metadata":{"generateName":"f"},"spec":{${spec}}}`,
];
const level = '"priorityLevelConfiguration":{"name":"workload-low"},"matchingPrecedence":9000';
const verbs = '"verbs":["get"],"apiGroups":["x.example"],"resources":["*"]';
const review = (path: string, spec: string): Body => ['POST', path, json, `{"spec":{${spec}}}`];
const authorization = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const tokens = '/apis/authentication.k8s.io/v1/tokenreviews';
const pem = (bytes: Buffer) =>
  Buffer.from(
    `-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE REQUEST-----\n`,
  ).toString('base64');
const signing = (request: string): Body => [
  'POST',
  '/apis/certificates.k8s.io/v1/certificatesigningrequests',
  json,
  `{"metadata":{"generateName":"c"},"spec":{"signerName":"x.example/s","usages":["client auth"],"request":"${request}"}}`,
];
const base64Url = (part: string) => Buffer.from(part).toString('base64url');

export const accessBodies: readonly (readonly [what: string, body: Body])[] = [
  [
    'flow schema with rules',
    flow(
      'flowschemas',
      `${level},"rules":[${many(5000, (i) => `{"subjects":[{"kind":"User","user":{"name":"u${i}"}}],"resourceRules":[{${verbs},"clusterScope":true}]}`)}]`,
    ),
  ],
  [
    'flow schema with subjects',
    flow(
      'flowschemas',
      `${level},"rules":[{"subjects":[${many(24_000, (i) => `{"kind":"User","user":{"name":"u${i}"}}`)}],"resourceRules":[{${verbs},"clusterScope":true}]}]`,
    ),
  ],
  [
    'flow schema with paths',
    flow(
      'flowschemas',
      `${level},"rules":[{"subjects":[{"kind":"User","user":{"name":"u"}}],"nonResourceRules":[{"verbs":["get"],"nonResourceURLs":[${many(150_000, (i) => `"/p${i}"`)}]}]}]`,
    ),
  ],
  [
    'priority level with queues',
    flow(
      'prioritylevelconfigurations',
      '"type":"Limited","limited":{"nominalConcurrencyShares":1,"limitResponse":{"type":"Queue","queuing":{"queues":10000000,"handSize":1,"queueLengthLimit":50}}}',
    ),
  ],
  [
    'priority level with too many queues',
    flow(
      'prioritylevelconfigurations',
      '"type":"Limited","limited":{"nominalConcurrencyShares":1,"limitResponse":{"type":"Queue","queuing":{"queues":2000000000,"handSize":8,"queueLengthLimit":2000000000}}}',
    ),
  ],
  [
    'cluster role with rules',
    rbac(
      'clusterroles',
      `"rules":[${many(10_000, (i) => `{"apiGroups":["g${i}"],"resources":["r${i}"],"verbs":["get"]}`)}]`,
    ),
  ],
  [
    'cluster role with names',
    rbac(
      'clusterroles',
      `"rules":[{"apiGroups":["g"],"resources":["r"],"verbs":["get"],"resourceNames":[${many(200_000, (i) => `"n${i}"`)}]}]`,
    ),
  ],
  [
    'aggregated cluster role',
    rbac(
      'clusterroles',
      `"aggregationRule":{"clusterRoleSelectors":[${many(16_000, (i) => `{"matchLabels":{"k${i}":"v"}}`)}]}`,
    ),
  ],
  [
    'role with rules',
    rbac(
      'namespaces/default/roles',
      `"rules":[${many(10_000, (i) => `{"apiGroups":["g${i}"],"resources":["r${i}"],"verbs":["get"]}`)}]`,
    ),
  ],
  [
    'subjects of a role binding',
    rbac(
      'namespaces/default/rolebindings',
      `"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"},"subjects":[${many(30_000, (i) => `{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"u${i}"}`)}]`,
    ),
  ],
  [
    'subjects of a cluster role binding',
    rbac(
      'clusterrolebindings',
      `"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"},"subjects":[${many(30_000, (i) => `{"kind":"ServiceAccount","namespace":"n","name":"u${i}"}`)}]`,
    ),
  ],
  ['long signing request', signing(pem(Buffer.alloc(1_000_000, 0x30)))],
  ['signing request of deep values', signing(pem(Buffer.from('308003'.repeat(200_000), 'hex')))],
  [
    'signing request of lines',
    signing(Buffer.from('-----BEGIN CERTIFICATE REQUEST-----\n'.repeat(50_000)).toString('base64')),
  ],
  [
    'review of a selector',
    review(
      authorization,
      `"resourceAttributes":{"verb":"list","resource":"pods","labelSelector":{"rawSelector":"${text(30_000, (i) => `k${i}=v`, ',')}"}}`,
    ),
  ],
  [
    'review of values',
    review(
      authorization,
      `"resourceAttributes":{"verb":"list","resource":"pods","labelSelector":{"requirements":[{"key":"k","operator":"In","values":[${many(200_000, (i) => `"v${i}"`)}]}]}}`,
    ),
  ],
  [
    'review of fields',
    review(
      authorization,
      `"resourceAttributes":{"verb":"list","resource":"pods","fieldSelector":{"rawSelector":"${text(100_000, (i) => `spec.a${i}=v`, ',')}"}}`,
    ),
  ],
  ['review of a long token', review(tokens, `"token":"${'a'.repeat(2_900_000)}"`)],
  [
    'review of a token with a long head',
    review(
      tokens,
      `"token":"${base64Url(`{"alg":"RS256","kid":"${long.repeat(10_000)}"}`)}.${base64Url(`{"iss":"https://kubernetes.default.svc","a":[${'1,'.repeat(400_000)}1]}`)}.AAAA"`,
    ),
  ],
  ['review of a token of many parts', review(tokens, `"token":"${'a.'.repeat(1_400_000)}"`)],
  [
    'extras of a review',
    review(
      '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      `"user":"u","extra":{${keys((key) => `"${key}":["a","b"]`)}},"resourceAttributes":{"verb":"get","resource":"pods"}`,
    ),
  ],
  [
    'groups of a local review',
    review(
      '/apis/authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews',
      `"groups":[${many(130_000, (i) => `"g${i}"`)}],"resourceAttributes":{"namespace":"default","verb":"get","resource":"pods"}`,
    ),
  ],
  [
    'rules review of a namespace',
    review('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', `"namespace":"${'n'.repeat(2_900_000)}"`),
  ],
];
