import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import {
  configMaps,
  horizontalPodAutoscalers,
  namespaces,
  secrets,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
} from '#api/generated/kinds.gen.ts';
import type {
  ValidatingAdmissionPolicyBindingSpec,
  ValidatingAdmissionPolicySpec,
} from '#api/generated/types.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { systemEnv } from '#host/system-env.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import type { Authorizer } from '../../../contract/authorization.ts';
import type { Resources } from '../../../registry/resources.ts';
import { type AdmissionRow, someone, testAdmission } from '../../../testing/admission.ts';
import { PolicyMetrics } from '../policy-metrics.ts';
import type { PolicyOptions } from '../policy-options.ts';
import { validatingAdmissionPolicy } from './validating-admission-policy.ts';

type Stored = NonNullable<AdmissionRow['stored']>;
type BindingSpec = Partial<ValidatingAdmissionPolicyBindingSpec>;
type MatchResources = NonNullable<ValidatingAdmissionPolicySpec['matchConstraints']>;

const served = [configMaps, secrets, namespaces].map((type) => ({ type, storage: {} }));

const everything: MatchResources = {
  resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }],
};

const policy = (spec: ValidatingAdmissionPolicySpec): Stored[number] => [
  validatingAdmissionPolicies,
  { metadata: { name: 'p' }, spec: { matchConstraints: everything, ...spec } } as object,
];
const binding = (spec: BindingSpec = {}): Stored[number] => [
  validatingAdmissionPolicyBindings,
  { metadata: { name: 'b' }, spec: { policyName: 'p', validationActions: ['Deny'], ...spec } } as object,
];
const team = (labels: Record<string, string>): Stored[number] => [
  namespaces,
  { metadata: { name: 'default', labels } },
];
const config = (name: string, limit: string, labels = {}): Stored[number] => [
  configMaps,
  { metadata: { name, namespace: 'default', labels }, data: { limit } } as object,
];
/** Denies everything. */
const never = { validations: [{ expression: 'false' }] };

const object = { metadata: { name: 'c', labels: { app: 'x' } }, data: { size: '5' } };
const denied = (message: string) =>
  `configmaps "c" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: ${message}`;
const invalid = (message: string) => `422 ${denied(message)}`;
const falseText = 'failed expression: false';

const make = (reader: PolicyOptions['reader'], changes: Partial<PolicyOptions> = {}) =>
  validatingAdmissionPolicy({
    reader,
    resources: {
      all: served,
      of: (type: object) => served.find((each) => each.type === type),
    } as unknown as Resources,
    authorizer: {
      name: 'reads',
      authorize: ({ verb, resource, user }) => ({
        decision: verb === 'get' && user.name === 'jane' ? 'allow' : 'noOpinion',
        reason: `of ${resource}`,
      }),
    },
    clock: systemEnv().clock,
    metrics: new PolicyMetrics(new Registry()),
    ...changes,
  });

/** A row that creates the ConfigMap `c`. */
const creating = (
  name: string,
  spec: ValidatingAdmissionPolicySpec,
  refusal?: string,
  more: Partial<AdmissionRow> & { binding?: BindingSpec } = {},
): AdmissionRow => ({
  name,
  type: configMaps,
  object,
  ...more,
  stored: [policy(spec), binding(more.binding), ...(more.stored ?? [])],
  ...(refusal === undefined ? {} : { refusal }),
});

const validating = (expression: string, more: object = {}): ValidatingAdmissionPolicySpec => ({
  validations: [{ expression, ...more }],
});

testAdmission('ValidatingAdmissionPolicy', make, [
  creating('an expression that holds – allowed', validating("object.data.size == '5'")),
  creating(
    'an expression that does not hold – the expression is the message',
    validating("object.data.size == '6'\n"),
    invalid("failed expression: object.data.size == '6'"),
  ),
  creating(
    'a message – the refusal has it',
    validating('false', { message: ' too big ' }),
    invalid('too big'),
  ),
  creating(
    'a reason – it gives the code',
    validating('false', { message: 'no', reason: 'Forbidden' }),
    `403 ${denied('no')}`,
  ),
  creating(
    'a message expression – its text stands instead of the message',
    validating('false', { message: 'no', messageExpression: "'size is ' + object.data.size" }),
    invalid('size is 5'),
  ),
  creating(
    'a message expression with an error – the message stands',
    validating('false', { message: 'no', messageExpression: 'object.data.absent' }),
    invalid('no'),
  ),
  creating(
    'a message expression of two lines – the message stands',
    validating('false', { message: 'no', messageExpression: "'a\\nb'" }),
    invalid('no'),
  ),
  creating(
    'several expressions – the first that fails is named',
    { validations: [{ expression: 'true' }, { expression: '1 > 2' }, { expression: 'false' }] },
    invalid('failed expression: 1 > 2'),
  ),
  creating(
    'variables that use others – they have their values',
    {
      variables: [
        { name: 'size', expression: 'int(object.data.size)' },
        { name: 'twice', expression: 'variables.size * 2' },
      ],
      ...validating('variables.twice < 10', { messageExpression: "'twice is ' + string(variables.twice)" }),
    },
    invalid('twice is 10'),
  ),
  creating(
    'an error in an expression – a policy that fails closed denies',
    validating('object.data.absent == 1'),
    invalid("expression 'object.data.absent == 1' resulted in error: no such key: absent"),
  ),
  creating('an error in an expression – a policy that fails open allows', {
    failurePolicy: 'Ignore',
    ...validating('object.data.absent == 1'),
  }),
  creating(
    'an expression that does not compile – denied with the error of CEL',
    validating('nothing'),
    invalid(
      "compilation error: compilation failed: ERROR: <input>:1:1: undeclared reference to 'nothing' (in container '')\n | nothing\n | ^",
    ),
  ),
  creating(
    'an expression of another type – denied',
    validating("'a'"),
    invalid('compilation error: must evaluate to bool but got string'),
  ),
  creating(
    'expressions beyond the budget – denied',
    {
      variables: [{ name: 'many', expression: 'lists.range(1000)' }],
      ...validating('variables.many.all(a, variables.many.all(b, variables.many.all(c, c >= 0)))'),
    },
    invalid(
      "expression 'variables.many.all(a, variables.many.all(b, variables.many.all(c, c >= 0)))' resulted in error: operation cancelled: actual cost limit exceeded",
    ),
  ),
  creating('the action Warn – a warning only', never, undefined, {
    binding: { validationActions: ['Warn', 'Audit'] },
    warnings: [`Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': ${falseText}`],
  }),
  creating('the action Audit – allowed', never, undefined, { binding: { validationActions: ['Audit'] } }),
  creating('a binding to another policy – allowed', never, undefined, { binding: { policyName: 'q' } }),
  { name: 'a policy without a binding – allowed', type: configMaps, object, stored: [policy(never)] },
  creating(
    'the authorizer – asked as the user of the request',
    validating(
      "authorizer.requestResource.check('get').allowed() && authorizer.group('').resource('pods').check('list').allowed()",
      {
        messageExpression: "'of ' + request.userInfo.username",
      },
    ),
    invalid('of jane'),
  ),
  creating(
    'the request – its names and its operation',
    validating(
      "request.operation != 'CREATE' || request.name != 'c' || request.resource.resource != 'configmaps' || request.kind.kind != 'ConfigMap'",
      { message: 'seen' },
    ),
    invalid('seen'),
  ),
  {
    name: 'a deletion – the object is null and the old one is there',
    type: configMaps,
    operation: 'DELETE',
    old: object,
    stored: [
      policy(validating("object != null || oldObject.data.size != '5'", { message: 'no' })),
      binding(),
    ],
    refusal: invalid('no'),
  },
  {
    name: 'a policy that denies everything – policies can be written still',
    type: validatingAdmissionPolicies,
    object: { metadata: { name: 'c' } },
    stored: [policy(never), binding()],
  },
]);

const when = (expression: string, more: ValidatingAdmissionPolicySpec = {}) => ({
  ...never,
  ...more,
  matchConditions: [{ name: 'm', expression }],
});
const matching = (match: MatchResources) => ({ ...never, matchConstraints: { ...everything, ...match } });
const rule = (more: object) => [{ ...everything.resourceRules![0]!, ...more }];

testAdmission('match of ValidatingAdmissionPolicy', make, [
  creating('a condition that is false – allowed', when("object.data.size == '6'")),
  creating('a condition that is true – evaluated', when("object.data.size == '5'"), invalid(falseText)),
  creating(
    'a condition with an error – a policy that fails closed denies',
    when('object.data.absent == 1'),
    invalid("expression 'object.data.absent == 1' resulted in error: no such key: absent"),
  ),
  creating(
    'a condition with an error – a policy that fails open allows',
    when('object.data.absent == 1', { failurePolicy: 'Ignore' }),
  ),
  creating(
    'a condition about the namespace – sees none',
    when('namespaceObject == null && !has(namespaceObject.metadata)'),
    invalid(falseText),
    { stored: [team({})] },
  ),
  creating(
    'rules for other resources – allowed',
    matching({ resourceRules: rule({ resources: ['secrets'] }) }),
  ),
  creating(
    'rules for other operations – allowed',
    matching({ resourceRules: rule({ operations: ['UPDATE'] }) }),
  ),
  creating('rules for cluster resources – allowed', matching({ resourceRules: rule({ scope: 'Cluster' }) })),
  creating('rules for another name – allowed', matching({ resourceRules: rule({ resourceNames: ['d'] }) })),
  creating(
    'rules for this name – evaluated',
    matching({ resourceRules: rule({ resourceNames: ['c'] }) }),
    invalid(falseText),
  ),
  creating(
    'an excluding rule – allowed',
    matching({ excludeResourceRules: rule({ resources: ['configmaps'] }) }),
  ),
  creating(
    'a selector of other objects – allowed',
    matching({ objectSelector: { matchLabels: { app: 'y' } } }),
  ),
  creating(
    'a selector of these objects – evaluated',
    matching({ objectSelector: { matchLabels: { app: 'x' } } }),
    invalid(falseText),
  ),
  creating(
    'a selector of other namespaces – allowed',
    matching({ namespaceSelector: { matchLabels: { team: 'a' } } }),
    undefined,
    { stored: [team({ team: 'b' })] },
  ),
  creating(
    'a selector of this namespace – evaluated, and the namespace is a variable',
    {
      ...matching({ namespaceSelector: { matchLabels: { team: 'a' } } }),
      ...validating('false', { messageExpression: 'namespaceObject.metadata.labels.team' }),
    },
    invalid('a'),
    { stored: [team({ team: 'a' })] },
  ),
  creating('a binding that matches other objects – allowed', never, undefined, {
    binding: { matchResources: { objectSelector: { matchLabels: { app: 'y' } } } },
  }),
]);

const limited: ValidatingAdmissionPolicySpec = {
  paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
  ...validating('int(object.data.size) <= int(params.data.limit)', {
    messageExpression: "'at most ' + params.data.limit",
  }),
};
const withParams = (paramRef: object, ...stored: Stored) => ({ binding: { paramRef }, stored });

testAdmission('params of ValidatingAdmissionPolicy', make, [
  creating(
    'a name – its object decides',
    limited,
    invalid('at most 3'),
    withParams({ name: 'three' }, config('three', '3'), config('nine', '9')),
  ),
  creating(
    'a name of a wider object – allowed',
    limited,
    undefined,
    withParams({ name: 'nine' }, config('three', '3'), config('nine', '9')),
  ),
  creating(
    'a selector – every object that it selects must hold',
    limited,
    invalid('at most 3'),
    withParams(
      { selector: { matchLabels: { of: 'x' } } },
      config('nine', '9', { of: 'x' }),
      config('three', '3', { of: 'x' }),
    ),
  ),
  creating(
    'none found and Allow – not evaluated',
    limited,
    undefined,
    withParams({ name: 'three', parameterNotFoundAction: 'Allow' }),
  ),
  creating(
    'none found and Deny – denied',
    limited,
    invalid(
      'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
    ),
    withParams({ name: 'three', parameterNotFoundAction: 'Deny' }),
  ),
  creating(
    'a kind that is not known – denied',
    { ...limited, paramKind: { apiVersion: 'v1', kind: 'Nothing' } },
    `422 configmaps "c" is forbidden: ValidatingAdmissionPolicy 'p' denied request: failed to configure policy: failed to find resource referenced by paramKind: '/v1, Kind=Nothing'`,
    withParams({ name: 'three' }),
  ),
]);

test('a policy – of a served kind in another version – judges the object in that version', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client } = api;
  await client.create(validatingAdmissionPolicies, {
    metadata: { name: 'cpu' },
    spec: {
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['autoscaling'],
            apiVersions: ['v1'],
            operations: ['CREATE'],
            resources: ['horizontalpodautoscalers'],
          },
        ],
      },
      ...validating('object.spec.targetCPUUtilizationPercentage <= 80', {
        messageExpression: "'not ' + string(object.spec.targetCPUUtilizationPercentage)",
      }),
    },
  });
  await client.create(validatingAdmissionPolicyBindings, {
    metadata: { name: 'cpu' },
    spec: { policyName: 'cpu', validationActions: ['Deny'] },
  });
  const create = (name: string, averageUtilization: number) =>
    client.create(horizontalPodAutoscalers, {
      metadata: { name, namespace: 'default' },
      spec: {
        maxReplicas: 2,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
          },
        ],
      },
    });
  await create('low', 80);
  await assert.rejects(create('high', 90), {
    code: 422,
    message:
      "horizontalpodautoscalers.autoscaling \"high\" is forbidden: ValidatingAdmissionPolicy 'cpu' with binding 'cpu' denied request: not 90",
  });
});

test('a policy – with audit annotations and the action Audit – publishes both', async () => {
  const annotated: ValidatingAdmissionPolicySpec = {
    ...never,
    auditAnnotations: [
      { key: 'size', valueExpression: "'is ' + object.data.size" },
      { key: 'none', valueExpression: 'null' },
    ],
  };
  const stored = [policy(annotated), binding({ validationActions: ['Audit'] })];
  const published: Record<string, string> = {};
  const list = (type: object) => stored.filter(([known]) => known === type).map(([, each]) => each);
  const plugin = make({ list, get: () => undefined } as object as Parameters<typeof make>[0]);
  await plugin.validate!({
    operation: 'CREATE',
    type: configMaps,
    subresource: '',
    namespace: 'default',
    name: 'c',
    object,
    user: someone,
    dryRun: false,
    warn: assert.fail,
    request: {
      verb: 'create',
      options: () => ({}),
      timeLeftMs: () => undefined,
      signal: undefined,
      annotate: (key, value) => {
        published[key] = value;
      },
    },
  });
  assert.deepEqual(published, {
    'p/size': 'is 5',
    'validation.policy.admission.k8s.io/validation_failure':
      '[{"message":"failed expression: false","policy":"p","binding":"b","expressionIndex":0,"validationActions":["Audit"]}]',
  });
});

/** Asks a webhook for what is not about secrets. */
const slowAuthorizer: Authorizer = {
  name: 'slow',
  authorize: ({ resource }) => {
    const answer = { decision: 'allow', reason: `of ${resource}` } as const;
    return resource === 'secrets' ? answer : Promise.resolve(answer);
  },
};

testAdmission(
  'ValidatingAdmissionPolicy with an authorizer that has to wait',
  (reader) => make(reader, { authorizer: slowAuthorizer }),
  [
    creating(
      'a condition and an expression that ask it – wait for the answer',
      {
        ...validating("authorizer.group('').resource('pods').check('get').reason() == 'no'", {
          message: 'asked',
        }),
        matchConditions: [{ name: 'm', expression: "authorizer.requestResource.check('create').allowed()" }],
      },
      invalid('asked'),
    ),
    creating(
      'a warning of an expression that asks it – is given once',
      validating("authorizer.group('').resource('pods').check('get').reason() == 'no'", { message: 'asked' }),
      undefined,
      {
        binding: { validationActions: ['Warn'] },
        warnings: [`Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': asked`],
      },
    ),
  ],
);

test('evaluations – counted – have upstream’s metric names, by outcome', async () => {
  const registry = new Registry();
  const metrics = new PolicyMetrics(registry);
  const judge = async (spec: ValidatingAdmissionPolicySpec, ...validationActions: string[]) => {
    const stored = [policy(spec), binding({ validationActions })];
    const list = (type: object) => stored.filter(([known]) => known === type).map(([, each]) => each);
    const plugin = make({ list, get: () => undefined } as object as PolicyOptions['reader'], { metrics });
    const attributes = { operation: 'CREATE', type: configMaps, subresource: '', user: someone } as const;
    const rest = { namespace: 'default', name: 'c', object, dryRun: false, warn() {} };
    try {
      await plugin.validate!({ ...attributes, ...rest });
    } catch (error) {
      assert.ok(error instanceof StatusError, 'it was denied');
    }
  };
  await judge(never, 'Deny');
  await judge(never, 'Audit', 'Warn');
  await judge(validating('object.data.absent == 1', {}), 'Deny');
  await judge({ ...validating('object.data.absent == 1'), failurePolicy: 'Ignore' }, 'Deny');
  await judge(validating('true'), 'Deny');
  await judge(validating('odd'), 'Deny');
  const counts = (await registry.metrics())
    .split('\n')
    .filter((line) => line.startsWith('apiserver_validating_admission_policy_check_total{'))
    .map((line) => line.replace('apiserver_validating_admission_policy_check_total', ''));
  const names = 'policy="p",policy_binding="b"';
  assert.deepEqual(counts.sort(), [
    `{${names},error_type="compile_error",enforcement_action="deny"} 1`,
    `{${names},error_type="invalid_error",enforcement_action="allow"} 1`,
    `{${names},error_type="invalid_error",enforcement_action="audit"} 1`,
    `{${names},error_type="invalid_error",enforcement_action="deny"} 2`,
    `{${names},error_type="invalid_error",enforcement_action="warn"} 1`,
  ]);
});
