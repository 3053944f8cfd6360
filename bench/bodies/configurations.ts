/** Objects that configure the server itself, which are expensive to validate, to compile, or to follow later. */

import { type Body, keys, long, many } from './body.ts';

const registration = '/apis/admissionregistration.k8s.io/v1';
const json = 'application/json';
const text = (count: number, textAt: (i: number) => string, between: string) =>
  Array.from({ length: count }, (_, i) => textAt(i)).join(between);

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
const named = (path: string, spec: string): Body => [
  'POST',
  path,
  json,
  `{"metadata":{"generateName":"n"},"spec":{${spec}}}`,
];
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
const devices = '/apis/resource.k8s.io/v1/namespaces/default/resourceclaims';
const ingresses = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';
const networkPolicies = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies';

export const configurationsBodies: readonly (readonly [what: string, body: Body])[] = [
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
  [
    'network policy with peers',
    named(
      networkPolicies,
      `"podSelector":{},"ingress":[{"from":[${many(20_000, (i) => `{"ipBlock":{"cidr":"10.${i >> 8}.${i & 255}.0/24"}}`)}]}]`,
    ),
  ],
  [
    'network policy with exceptions',
    named(
      networkPolicies,
      `"podSelector":{},"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8","except":[${many(100_000, (i) => `"10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32"`)}]}}]}]`,
    ),
  ],
  [
    'network policy with ports',
    named(
      networkPolicies,
      `"podSelector":{},"egress":[{"ports":[${many(49_000, (i) => `{"port":${(i % 65_000) + 1}}`)}]}]`,
    ),
  ],
  [
    'network policy with a selector',
    named(
      networkPolicies,
      `"podSelector":{"matchExpressions":[{"key":"k","operator":"In","values":[${many(200_000, (i) => `"v${i}"`)}]}]}`,
    ),
  ],
  [
    'ingress with paths',
    named(
      ingresses,
      `"rules":[{"host":"h.example","http":{"paths":[${many(12_000, (i) => `{"path":"/p${i}","pathType":"Prefix","backend":{"service":{"name":"s","port":{"number":80}}}}`)}]}}]`,
    ),
  ],
  [
    'claim with requests',
    named(
      devices,
      `"devices":{"requests":[${many(8000, (i) => `{"name":"r${i}","exactly":{"deviceClassName":"c","selectors":[{"cel":{"expression":"device.driver == 'd${i}'"}}]}}`)}]}`,
    ),
  ],
  [
    'claim with selectors',
    named(
      devices,
      `"devices":{"requests":[{"name":"r","exactly":{"deviceClassName":"c","selectors":[${many(16_000, (i) => `{"cel":{"expression":"device.driver == 'd${i}'"}}`)}]}}]}`,
    ),
  ],
  [
    'claim with alternatives',
    named(
      devices,
      `"devices":{"requests":[{"name":"r","firstAvailable":[${many(24_000, (i) => `{"name":"r${i}","deviceClassName":"c"}`)}]}]}`,
    ),
  ],
  [
    'device class with selectors',
    [
      'POST',
      '/apis/resource.k8s.io/v1/deviceclasses',
      json,
      `{"metadata":{"generateName":"d"},"spec":{"selectors":[${many(16_000, (i) => `{"cel":{"expression":"device.driver == 'd${i}'"}}`)}]}}`,
    ],
  ],
  [
    'slice with devices',
    [
      'POST',
      '/apis/resource.k8s.io/v1/resourceslices',
      json,
      `{"metadata":{"generateName":"s"},"spec":{"driver":"d.example","nodeName":"n","pool":{"name":"p","generation":1,"resourceSliceCount":1},"devices":[${many(10_000, (i) => `{"name":"d${i}","attributes":{"a":{"string":"${i}"}}}`)}]}}`,
    ],
  ],
  [
    'slice with taints',
    [
      'POST',
      '/apis/resource.k8s.io/v1/resourceslices',
      json,
      `{"metadata":{"generateName":"s"},"spec":{"driver":"d.example","nodeName":"n","pool":{"name":"p","generation":1,"resourceSliceCount":1},"devices":[{"name":"d","taints":[${many(40_000, (i) => `{"key":"k${i}","value":"v","effect":"${i}"}`)}]}]}}`,
    ],
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
    'rules review of a namespace',
    review('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', `"namespace":"${'n'.repeat(2_900_000)}"`),
  ],
  [
    'quota of many resources',
    [
      'POST',
      '/api/v1/namespaces/default/resourcequotas',
      json,
      `{"metadata":{"generateName":"q"},"spec":{"hard":{${keys((key) => `"count/${key}.x":"1"`)}}}}`,
    ],
  ],
  [
    'custom object of integers beyond doubles',
    [
      'POST',
      '/apis/x.example/v1/namespaces/default/cg',
      json,
      `{"apiVersion":"x.example/v1","kind":"Kcg","metadata":{"name":"i"},"spec":{"a":[${many(60_000, (i) => `${9_007_199_254_740_993n + BigInt(i) * 2n}`)}]}}`,
    ],
  ],
  [
    'custom object of numbers and an integer beyond doubles',
    [
      'POST',
      '/apis/x.example/v1/namespaces/default/cg',
      json,
      `{"apiVersion":"x.example/v1","kind":"Kcg","metadata":{"name":"j"},"spec":{"a":[9007199254740993,${many(230_000, (i) => `${i}`)}]}}`,
    ],
  ],
  [
    'texts of half characters',
    [
      'POST',
      '/api/v1/namespaces/default/configmaps',
      json,
      `{"metadata":{"generateName":"s"},"data":{${keys((key) => `"${key}":"\\ud83d${long.slice(6)}"`)}}}`,
    ],
  ],
  [
    'values of half characters',
    [
      'POST',
      '/apis/x.example/v1/namespaces/default/cg',
      json,
      `{"apiVersion":"x.example/v1","kind":"Kcg","metadata":{"name":"h"},"spec":{"a":[${many(230_000, () => '"\\ud83d"')}]}}`,
    ],
  ],
  [
    '',
    [
      'POST',
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      json,
      '{"metadata":{"name":"las.x.example"},"spec":{"group":"x.example","scope":"Namespaced","names":{"plural":"las","kind":"Kla"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"array","items":{"type":"object","properties":{"a":{"type":"string","default":"' +
        'd'.repeat(1_000_000) +
        '"}}}}}}}}]}}',
    ],
  ],
  [
    'objects that are given long defaults',
    [
      'POST',
      '/apis/x.example/v1/namespaces/default/las',
      json,
      `{"apiVersion":"x.example/v1","kind":"Kla","metadata":{"name":"l"},"spec":[${many(40_000, () => '{}')}]}`,
    ],
  ],
];
