import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  configMaps,
  deployments,
  horizontalPodAutoscalers,
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  namespaces,
  pods,
} from '#api/generated/kinds.gen.ts';
import type {
  MutatingAdmissionPolicyBindingSpec,
  MutatingAdmissionPolicySpec,
  Mutation,
} from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { Client } from '#client/client.ts';
import { newPod } from '#testing/objects.ts';
import { establish, gadgetDefinition, gadgets } from '#testing/server/definitions.ts';
import { patchOf, playHooks, refusalOf } from '#testing/server/hooks.ts';
import { createDefaultAccount, startTestServer } from '#testing/server/test-server.ts';

type Spec = Partial<MutatingAdmissionPolicySpec>;

const rule = (resource: string, apiGroups = [''], apiVersions = ['v1']) => ({
  matchConstraints: {
    resourceRules: [{ apiGroups, apiVersions, operations: ['CREATE', 'UPDATE'], resources: [resource] }],
  },
});
const ofMaps = rule('configmaps');

const apply = (expression: string): Mutation => ({
  patchType: 'ApplyConfiguration',
  applyConfiguration: { expression },
});
const patch = (expression: string): Mutation => ({ patchType: 'JSONPatch', jsonPatch: { expression } });

/** A policy with a binding of the same name. */
async function bind(
  client: Client,
  name: string,
  mutations: Mutation[],
  more: Spec = {},
  binding: Partial<MutatingAdmissionPolicyBindingSpec> = {},
): Promise<void> {
  const spec = { ...ofMaps, reinvocationPolicy: 'Never', mutations, ...more };
  await client.create(mutatingAdmissionPolicies, { metadata: { name }, spec });
  await client.create(mutatingAdmissionPolicyBindings, {
    metadata: { name },
    spec: { policyName: name, ...binding },
  });
}

const map = (name: string, more: object = {}) => ({ metadata: { name, namespace: 'default' }, ...more });
const start = () => startTestServer({ setup: 'kubernetes' });

interface Row {
  readonly condition: string;
  readonly mutations: Mutation[];
  readonly spec?: Spec;
  readonly data: Readonly<Record<string, string>>;
}

/** Each of a ConfigMap with `a: 1`. */
const rows: readonly Row[] = [
  {
    condition: 'an ApplyConfiguration',
    mutations: [apply("Object{data: {'b': object.data.a + '!'}}")],
    data: { a: '1', b: '1!' },
  },
  {
    condition: 'an ApplyConfiguration of a field that is there',
    mutations: [apply("Object{data: {'a': '2'}}")],
    data: { a: '2' },
  },
  {
    condition: 'a JSONPatch',
    mutations: [
      patch(
        "[JSONPatch{op: 'test', path: '/data/a', value: '1'}, " +
          "JSONPatch{op: 'add', path: '/data/' + jsonpatch.escapeKey('x.y'), value: request.operation}, " +
          "JSONPatch{op: 'move', from: '/data/a', path: '/data/z'}]",
      ),
    ],
    data: { 'x.y': 'CREATE', z: '1' },
  },
  {
    condition: 'a JSONPatch whose test fails',
    mutations: [
      patch(
        "[JSONPatch{op: 'add', path: '/data/b', value: '1'}, JSONPatch{op: 'test', path: '/data/a', value: '2'}]",
      ),
    ],
    data: { a: '1' },
  },
  {
    condition: 'a JSONPatch with an Object as value',
    mutations: [patch("[JSONPatch{op: 'replace', path: '/data', value: Object.data{c: 'd'}}]")],
    data: { c: 'd' },
  },
  {
    condition: 'several mutations',
    mutations: [
      apply("Object{data: {'b': '2'}}"),
      patch("[JSONPatch{op: 'add', path: '/data/c', value: object.data.b + variables.old}]"),
    ],
    spec: { variables: [{ name: 'old', expression: 'string(oldObject == null) + object.data.b' }] },
    data: { a: '1', b: '2', c: '2true2' },
  },
  {
    condition: 'a condition that does not hold',
    mutations: [apply("Object{data: {'b': '2'}}")],
    spec: { matchConditions: [{ name: 'm', expression: "object.data.a == '2'" }] },
    data: { a: '1' },
  },
  {
    condition: 'an error, of a policy that fails open',
    mutations: [apply("Object{data: {'b': object.data.absent}}"), apply("Object{data: {'c': '3'}}")],
    spec: { failurePolicy: 'Ignore' },
    data: { a: '1', c: '3' },
  },
  {
    condition: 'rules for other operations',
    mutations: [apply("Object{data: {'b': '2'}}")],
    spec: {
      matchConstraints: {
        resourceRules: [{ ...ofMaps.matchConstraints.resourceRules[0]!, operations: ['UPDATE'] }],
      },
    },
    data: { a: '1' },
  },
  {
    condition: 'the authorizer',
    mutations: [
      apply(
        "Object{data: {'b': string(authorizer.group('').resource('pods').check('get').allowed()) + request.userInfo.username}}",
      ),
    ],
    data: { a: '1', b: 'truekubernetes-admin' },
  },
];

for (const { condition, mutations, spec, data } of rows) {
  test(`a policy – ${condition} – makes this of an object`, async () => {
    await using api = await start();
    await bind(api.client, 'p', mutations, spec);
    const made = await api.client.create(configMaps, map('c', { data: { a: '1' } }));
    assert.deepEqual(made.data, data);
    const stored = await api.client.get(configMaps, { name: 'c', namespace: 'default' });
    assert.deepEqual(stored.data, data);
  });
}

const denied = (why: string) => `403 Invalid policy 'p' with binding 'p' denied request: ${why}`;

const refused: readonly [condition: string, mutation: Mutation, refusal: string][] = [
  [
    'an expression with an error',
    apply('Object{data: object.data.absent}'),
    denied("expression 'Object{data: object.data.absent}' resulted in error: no such key: absent"),
  ],
  [
    'a field that the kind does not have',
    apply('Object{spec: Object.spec{a: 1}}'),
    denied(
      'error applying patch: failed to convert patch object to typed object: .spec: field not declared in schema',
    ),
  ],
  [
    'a value of another type',
    apply('Object{data: {"a": 1}}'),
    denied(
      'error applying patch: failed to convert patch object to typed object: .data.a: expected string, got &value.valueUnstructured{Value:1}',
    ),
  ],
  [
    'null, bytes and times, which are no text,',
    apply(
      "Object{data: {'a': dyn(null), 'b': dyn(b'ab'), 'c': dyn(timestamp('2020-01-01T00:00:00Z')), 'd': dyn(duration('1h')), 'e': dyn(3u)}}",
    ),
    denied(
      `error applying patch: failed to convert patch object to typed object: errors:\n${[
        '.data.a: expected string, got &value.valueUnstructured{Value:0}',
        '.data.b: expected string, got &value.valueUnstructured{Value:[]uint8{0x61, 0x62}}',
        '.data.c: expected string, got &value.valueUnstructured{Value:time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC)}',
        '.data.d: expected string, got &value.valueUnstructured{Value:3600000000000}',
        '.data.e: expected string, got &value.valueUnstructured{Value:0x3}',
      ]
        .map((line) => `  ${line}`)
        .join('\n')}`,
    ),
  ],
  [
    'a part of another type',
    apply('Object{metadata: Object.spec{}}'),
    denied(
      'type mismatch: unexpected type name "Object.spec", expected "Object.metadata", which matches field name path from root Object type',
    ),
  ],
  [
    'a patch that does not fit',
    patch("[JSONPatch{op: 'remove', path: '/data/absent'}]"),
    denied(
      "JSON Patch: error in remove for path: '/data/absent': Unable to remove nonexistent key: absent: missing value",
    ),
  ],
  [
    'a patch with a field that the kind does not have',
    patch("[JSONPatch{op: 'add', path: '/odd', value: 1}]"),
    '500 InternalError Internal error occurred: strict decoding error: unknown field "odd"',
  ],
  [
    'more cost than there is',
    apply(
      "Object{data: {'a': string([1,2,3,4,5,6,7,8,9,10].map(a, [1,2,3,4,5,6,7,8,9,10].map(b, [1,2,3,4,5,6,7,8,9,10].map(c, [1,2,3,4,5,6,7,8,9,10].map(d, [1,2,3,4,5,6,7,8,9,10].map(e, [1,2,3,4,5,6,7,8,9,10].map(f, f + 1)))))).size())}}",
    ),
    denied(
      "expression 'Object{data: {'a': string([1,2,3,4,5,6,7,8,9,10].map(a, [1,2,3,4,5,6,7,8,9,10].map(b, [1,2,3,4,5,6,7,8,9,10].map(c, [1,2,3,4,5,6,7,8,9,10].map(d, [1,2,3,4,5,6,7,8,9,10].map(e, [1,2,3,4,5,6,7,8,9,10].map(f, f + 1)))))).size())}}' resulted in error: operation cancelled: actual cost limit exceeded",
    ),
  ],
];

for (const [condition, mutation, refusal] of refused) {
  test(`a policy – ${condition} – refuses the request`, async () => {
    await using api = await start();
    await bind(api.client, 'p', [mutation]);
    assert.equal(await refusalOf(api.client.create(configMaps, map('c', { data: { a: '1' } }))), refusal);
  });
}

test('a policy – of lists by keys – merges their items; atomic ones are not to be mutated', async () => {
  await using api = await start();
  const { client } = api;
  await createDefaultAccount(client);
  const containers = "Object.spec{containers: [Object.spec.containers{name: 'side', image: 'side'}]}";
  await bind(client, 'side', [apply(`Object{spec: ${containers}}`)], rule('pods'));
  const made = await client.create(pods, newPod('p', { containers: [{ name: 'main', image: 'main' }] }));
  const [main, side] = made.spec!.containers;
  assert.deepEqual([main!.name, side!.name], ['main', 'side']);
  assert.equal(side!.terminationMessagePath, '/dev/termination-log', 'it has its defaults');
  const args = "Object.spec{containers: [Object.spec.containers{name: 'main', args: ['a']}]}";
  await bind(client, 'z', [apply(`Object{spec: ${args}}`)], rule('pods'));
  assert.equal(
    await refusalOf(client.create(pods, newPod('q', { containers: [{ name: 'main', image: 'main' }] }))),
    "403 Invalid policy 'z' with binding 'z' denied request: error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.containers[0].args",
  );
});

test('a policy – of custom resources – merges by their schema, gives defaults and prunes', async () => {
  await using api = await start();
  const { client } = api;
  const text = { type: 'string' };
  const port = {
    type: 'object',
    required: ['name'],
    properties: { name: text, host: { ...text, default: 'any' } },
  };
  await establish(
    client,
    gadgetDefinition({
      type: 'object',
      properties: {
        size: text,
        ports: {
          type: 'array',
          items: port,
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
        },
      },
    }),
  );
  const ports = "Object.spec{size: 'big', ports: [Object.spec.ports{name: 'b'}]}";
  await bind(client, 'p', [apply(`Object{spec: ${ports}}`)], rule('gadgets', ['example.com']));
  const made = await client.create(
    gadgets,
    map('g', { spec: { ports: [{ name: 'a', host: 'x' }] } }) as AnyObject,
  );
  assert.deepEqual(made['spec'], {
    size: 'big',
    ports: [
      { name: 'a', host: 'x' },
      { name: 'b', host: 'any' },
    ],
  });
});

test('a policy – of another version of a kind – sees and changes the object in that version', async () => {
  await using api = await start();
  const { client } = api;
  const set = 'Object{spec: Object.spec{targetCPUUtilizationPercentage: 70}}';
  await bind(client, 'p', [apply(set)], rule('horizontalpodautoscalers', ['autoscaling'], ['v1']));
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' };
  const made = await client.create(
    horizontalPodAutoscalers,
    map('h', { spec: { maxReplicas: 2, scaleTargetRef } }) as never,
  );
  assert.equal(made.spec!.metrics![0]!.resource!.target.averageUtilization, 70);
});

test('a policy – with params – is carried out with each that the binding selects', async () => {
  await using api = await start();
  const { client } = api;
  const labels = { of: 'p' };
  for (const name of ['x', 'y']) {
    await client.create(configMaps, {
      metadata: { name, namespace: 'default', labels },
      data: { key: name },
    });
  }
  await bind(
    client,
    'p',
    [apply('Object{data: {params.data.key: params.metadata.name}}')],
    { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } },
    { paramRef: { selector: { matchLabels: labels }, parameterNotFoundAction: 'Deny' } },
  );
  const made = await client.create(configMaps, map('c'));
  assert.deepEqual(made.data, { x: 'x', y: 'y' });
  await client.create(namespaces, { metadata: { name: 'other' } });
  const refusal = await refusalOf(client.create(configMaps, { metadata: { name: 'c', namespace: 'other' } }));
  assert.equal(
    refusal,
    "403 Forbidden policy 'p' with binding 'p' denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction",
  );
});

test('policies – of several names – are carried out in their order, with reinvocationPolicy IfNeeded twice', async () => {
  await using api = await start();
  const { client } = api;
  const append = (name: string) =>
    apply(
      `Object{data: {'way': (has(object.data) && 'way' in object.data ? object.data.way : '') + '${name}'}}`,
    );
  await bind(client, 'a', [append('a')], { reinvocationPolicy: 'IfNeeded' });
  await bind(client, 'b', [append('b')]);
  const made = await client.create(configMaps, map('c'));
  assert.deepEqual(made.data, { way: 'aba' });
});

test('a policy – with reinvocationPolicy IfNeeded – is carried out again after webhooks, and these after policies', async (t) => {
  await using api = await start();
  const hooks = await playHooks(api.client);
  t.after(() => hooks[Symbol.asyncDispose]());
  await hooks.configure('mutating', 'hook', { reinvocationPolicy: 'IfNeeded' });
  hooks.answer('/hook', () => patchOf({ op: 'add', path: '/data/hook', value: 'h' }));
  await bind(api.client, 'p', [apply("Object{data: {'seen': string(object.data.size())}}")], {
    reinvocationPolicy: 'IfNeeded',
  });
  const made = await api.client.create(configMaps, map('c', { data: { a: '1' } }));
  assert.deepEqual(made.data, { a: '1', hook: 'h', seen: '3' });
  const seen = hooks.asked().map(({ object }) => (object as AnyObject)['data']);
  assert.deepEqual(seen, [
    { a: '1', seen: '1' },
    { a: '1', hook: 'h', seen: '3' },
  ]);
});

test('a policy – of updates – changes patched and applied objects, whose field managers do not own what it sets', async () => {
  await using api = await start();
  const { client } = api;
  await bind(client, 'p', [apply("Object{metadata: Object.metadata{labels: {'team': 'a'}}}")]);
  await client.create(configMaps, map('c', { data: { a: '1' } }));
  const patched = await client.patch(configMaps, { name: 'c', namespace: 'default' }, 'merge', {
    metadata: { labels: { team: 'b' } },
    data: { b: '2' },
  });
  assert.deepEqual([patched.metadata.labels, patched.data], [{ team: 'a' }, { a: '1', b: '2' }]);
  const dry = await client.create(configMaps, map('d'), { dryRun: true });
  assert.deepEqual(dry.metadata.labels, { team: 'a' });
  const owners = (await client.get(configMaps, { name: 'c', namespace: 'default' })).metadata.managedFields;
  const fields = JSON.stringify(owners);
  assert.ok(
    fields.includes('f:data') && !JSON.stringify(dry.metadata.managedFields ?? []).includes('f:labels'),
    fields,
  );
});

test('policies themselves – that a policy matches – are never changed by it', async () => {
  await using api = await start();
  const everything = {
    resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }],
  };
  await bind(api.client, 'p', [apply("Object{metadata: Object.metadata{labels: {'team': 'a'}}}")], {
    matchConstraints: everything,
  });
  const kept = await api.client.patch(mutatingAdmissionPolicies, { name: 'p' }, 'merge', {
    metadata: { annotations: { a: 'b' } },
  });
  assert.equal(kept.metadata.labels, undefined);
  const deployment = await api.client.create(namespaces, { metadata: { name: 'n' } });
  assert.equal(deployment.metadata.labels!['team'], 'a');
});

test('a policy – that sets a fraction where the kind has an integer – refuses the request', async () => {
  await using api = await start();
  await bind(
    api.client,
    'p',
    [apply('Object{spec: Object.spec{replicas: 1.5}}')],
    rule('deployments', ['apps']),
  );
  const template = { metadata: { labels: { app: 'd' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const deployment = map('d', { spec: { selector: { matchLabels: { app: 'd' } }, template } });
  assert.equal(
    await refusalOf(api.client.create(deployments, deployment as never)),
    denied(
      'unable to convert unstructured object to apps/v1, Kind=Deployment: cannot convert float64 to int32',
    ),
  );
});

test('a scale – that a policy of the subresource matches – is changed', async () => {
  await using api = await start();
  const { client } = api;
  await bind(
    client,
    'p',
    [apply('Object{spec: Object.spec{replicas: object.spec.replicas + 1}}')],
    rule('deployments/scale', ['apps']),
  );
  const labels = { app: 'd' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  await client.create(
    deployments,
    map('d', { spec: { selector: { matchLabels: labels }, template } }) as never,
  );
  const path = '/apis/apps/v1/namespaces/default/deployments/d/scale';
  const scale = (await client.raw('GET', path)) as AnyObject;
  await client.raw('PUT', path, { ...scale, spec: { replicas: 4 } });
  const { spec } = await client.get(deployments, { name: 'd', namespace: 'default' });
  assert.equal(spec!.replicas, 5);
});

test('mutations – counted – have upstream’s metric names', async () => {
  await using api = await start();
  await bind(api.client, 'p', [apply("Object{data: {'b': '2'}}")]);
  await api.client.create(configMaps, map('c'));
  assert.match(
    await api.metrics(),
    /apiserver_mutating_admission_policy_check_total\{policy="p",policy_binding="p",error_type="no_error"\} 1/,
  );
});
