/**
 * Admission webhooks: what they are asked, what their answers do, and what they may not touch. The webhooks
 * are a server of the test itself; each configuration is kept to the namespace of its behaviour.
 */

import assert from 'node:assert/strict';
import {
  configMaps,
  customResourceDefinitions,
  mutatingWebhookConfigurations,
  pods,
  validatingWebhookConfigurations,
} from '#api/generated/kinds.gen.ts';
import type { ConfigMap, Pod } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import {
  type AdmissionRequest,
  configMapRule,
  type PlayedHooks,
  patchOf,
  playHooks,
  refusalOf,
} from '#testing/server/hooks.ts';
import { type Behaviour, type BehaviourContext, behaviour, images } from '../behaviour.ts';
import { definitionOf, establishDefinition, servedVersion } from '../shared/definitions.ts';
import { request } from '../shared/requests.ts';

type Kind = 'mutating' | 'validating';
type Changes = Parameters<PlayedHooks['configure']>[2];

const configurationsOf: Readonly<Record<Kind, ResourceType<AnyObject>>> = {
  mutating: mutatingWebhookConfigurations as ResourceType<never>,
  validating: validatingWebhookConfigurations as ResourceType<never>,
};

/** With the name of a configuration of this behaviour, and what makes one. */
async function startHooks(context: BehaviourContext) {
  const { client, namespace } = context;
  const hooks = await playHooks(client);
  context.after(async () => hooks[Symbol.asyncDispose]());
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
  const nameOf = (suffix: string) => `${namespace}-${suffix}`;
  const configure = async (kind: Kind, suffix: string, changes: Changes = {}) => {
    const name = nameOf(suffix);
    context.after(() => client.delete(configurationsOf[kind], { name }).catch(() => {}));
    await hooks.configure(kind, name, { namespaceSelector, ...changes });
    return name;
  };
  const answer = (suffix: string, response: Parameters<PlayedHooks['answer']>[1]) =>
    hooks.answer(`/${nameOf(suffix)}`, response);
  return { ...hooks, configure, answer, nameOf };
}

const denied = () => ({ allowed: false, status: { message: 'not like this' } });
const addsData = (key: string) => () => patchOf({ op: 'add', path: `/data/${key}`, value: 'yes' });

function createMap(
  { client, namespace }: BehaviourContext,
  name: string,
  data: Record<string, string> = { a: 'b' },
) {
  return client.create(configMaps, { metadata: { name, namespace }, data } as ConfigMap);
}

function listing(kind: Kind) {
  return async (context: BehaviourContext): Promise<void> => {
    const { client, namespace } = context;
    const { configure, answer } = await startHooks(context);
    const type = configurationsOf[kind];
    for (let i = 0; i < 10; i++) {
      answer(`${i}`, kind === 'mutating' ? addsData(`k${i}`) : denied);
      const name = await configure(kind, `${i}`);
      await client.patch(type, { name }, 'merge', { metadata: { labels: { of: namespace } } });
    }
    const labelSelector = `of=${namespace}`;
    assert.equal((await client.list(type, { labelSelector })).items.length, 10);
    if (kind === 'mutating') assert.equal(Object.keys((await createMap(context, 'm')).data!).length, 11);
    else assert.match(await refusalOf(createMap(context, 'm')), /denied the request: not like this/);
    await client.deleteCollection(type, { labelSelector });
    assert.equal((await client.list(type, { labelSelector })).items.length, 0);
    assert.deepEqual((await createMap(context, 'n')).data, { a: 'b' });
  };
}

function patching(kind: Kind) {
  return async (context: BehaviourContext): Promise<void> => {
    const { client } = context;
    const { configure, answer } = await startHooks(context);
    answer('hook', kind === 'mutating' ? addsData('k') : denied);
    const name = await configure(kind, 'hook');
    const type = configurationsOf[kind];
    const found = await client.get(type, { name });
    const [webhook] = found['webhooks'] as object[];
    const rules = [{ ...configMapRule, operations: ['UPDATE'] }];
    await client.update(type, { ...found, webhooks: [{ ...webhook, rules }] } as never);
    assert.deepEqual((await createMap(context, 'm')).data, { a: 'b' });
    const create = [{ op: 'replace', path: '/webhooks/0/rules/0/operations', value: ['CREATE'] }];
    await client.patch(type, { name }, 'json', create);
    if (kind === 'mutating') assert.deepEqual((await createMap(context, 'n')).data, { a: 'b', k: 'yes' });
    else assert.match(await refusalOf(createMap(context, 'n')), /denied the request: not like this/);
  };
}

function withConditions(kind: Kind) {
  return async (context: BehaviourContext): Promise<void> => {
    const { client } = context;
    const { configure } = await startHooks(context);
    const type = configurationsOf[kind];
    const conditions = (expression: string) => [{ name: 'only', expression }];
    const name = await configure(kind, 'hook', {
      matchConditions: conditions("object.metadata.name == 'a'"),
    });
    const conditionsNow = async () =>
      (
        (await client.get(type, { name })) as unknown as {
          webhooks: { matchConditions: object[] }[];
        }
      ).webhooks[0]!.matchConditions;
    assert.deepEqual(await conditionsNow(), conditions("object.metadata.name == 'a'"));
    const changed = [{ op: 'replace', path: '/webhooks/0/matchConditions', value: conditions('true') }];
    await client.patch(type, { name }, 'json', changed);
    assert.deepEqual(await conditionsNow(), conditions('true'));
  };
}

function withBadConditions(kind: Kind) {
  return async (context: BehaviourContext): Promise<void> => {
    const { configure } = await startHooks(context);
    const matchConditions = [{ name: 'bad', expression: '... [] bad expression' }];
    assert.match(await refusalOf(configure(kind, 'hook', { matchConditions })), /^422 .*compilation failed/s);
  };
}

async function denyAttach(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const { configure, answer, asked, nameOf } = await startHooks(context);
  await client.create(pods, {
    metadata: { name: 'p', namespace },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'c', image: images.busybox, command: ['sleep', '1000'], stdin: true }],
    },
  } as Pod);
  await context.eventually('the pod runs', async () => {
    return (await client.get(pods, { namespace, name: 'p' })).status?.phase === 'Running';
  });
  const rules = [
    { operations: ['CONNECT'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods/attach'] },
  ];
  answer('hook', denied);
  await configure('validating', 'hook', { rules });
  await assert.rejects(context.kubectl('attach', 'p', '-i', '-c', 'c'), /denied the request: not like this/);
  const [attach] = asked(`/${nameOf('hook')}`);
  assert.deepEqual(attach!['kind'], { group: '', version: 'v1', kind: 'PodAttachOptions' });
}

async function denyCustom(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const { type } = await establishDefinition(context, definitionOf(context, [servedVersion('v1')]));
  const { configure, answer } = await startHooks(context);
  const bad = ({ object, oldObject }: AdmissionRequest) => {
    const { data } = (object ?? oldObject) as unknown as { data?: { 'webhook-e2e-test'?: string } };
    return data?.['webhook-e2e-test'] === 'webhook-disallow' ? denied() : {};
  };
  answer('hook', bad);
  const rules = [
    { operations: ['*'], apiGroups: [type.group], apiVersions: ['v1'], resources: [type.resource] },
  ];
  await configure('validating', 'hook', { rules });
  const object = (name: string, value: string) =>
    ({ metadata: { name, namespace }, data: { 'webhook-e2e-test': value } }) as unknown as AnyObject;
  const words = /denied the request: not like this/;
  assert.match(await refusalOf(client.create(type, object('x', 'webhook-disallow'))), words);
  await client.create(type, object('x', 'webhook-allow'));
  const key = { namespace, name: 'x' };
  const change = { data: { 'webhook-e2e-test': 'webhook-disallow' } };
  assert.match(await refusalOf(client.patch(type, key, 'merge', change)), words);
  answer('hook', ({ operation }) => (operation === 'DELETE' ? denied() : {}));
  assert.match(await refusalOf(client.delete(type, key)), words);
  answer('hook', () => ({}));
  await client.delete(type, key);
}

async function denyPodsAndMaps(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const { configure, answer, webhook, nameOf } = await startHooks(context);
  const rules = [
    {
      operations: ['CREATE', 'UPDATE'],
      apiGroups: [''],
      apiVersions: ['v1'],
      resources: ['pods', 'configmaps'],
    },
  ];
  answer('hook', ({ object }) => (JSON.stringify(object).includes('disallowed') ? denied() : {}));
  const objectSelector = { matchExpressions: [{ key: 'skip', operator: 'NotIn', values: ['yes'] }] };
  await configure('validating', 'hook', { rules, objectSelector, timeoutSeconds: 1 });
  const pod = (name: string, label: string) =>
    ({
      metadata: { name, namespace, labels: { l: label } },
      spec: { containers: [{ name: 'c', image: images.busybox }] },
    }) as Pod;
  const words = /denied the request: not like this/;
  assert.match(await refusalOf(client.create(pods, pod('disallowed', 'disallowed'))), words);
  assert.match(await refusalOf(createMap(context, 'm', { d: 'disallowed' })), words);
  await createMap(context, 'm');
  const key = { namespace, name: 'm' };
  assert.match(await refusalOf(client.patch(configMaps, key, 'merge', { data: { d: 'disallowed' } })), words);
  const { reply } = webhook;
  webhook.reply = ({ url, body }, response) =>
    url.startsWith(`/${nameOf('hook')}`) && body.includes('hangs')
      ? undefined
      : reply({ url, body } as never, response);
  assert.match(await refusalOf(client.create(pods, pod('hangs', 'hangs'))), /context deadline exceeded/);
  const skipped = { metadata: { name: 's', namespace, labels: { skip: 'yes' } }, data: { d: 'disallowed' } };
  await client.create(configMaps, skipped as ConfigMap);
}

async function denyDefinitions(context: BehaviourContext): Promise<void> {
  const { configure, answer } = await startHooks(context);
  const rules = [
    {
      operations: ['CREATE'],
      apiGroups: ['apiextensions.k8s.io'],
      apiVersions: ['*'],
      resources: ['customresourcedefinitions'],
    },
  ];
  answer('hook', denied);
  const objectSelector = { matchLabels: { of: context.namespace } };
  await configure('validating', 'hook', { rules, objectSelector });
  const definition = definitionOf(context, [servedVersion('v1')], 'denied');
  const labeled = { ...definition, metadata: { ...definition.metadata, labels: { of: context.namespace } } };
  assert.match(
    await refusalOf(context.client.create(customResourceDefinitions, labeled)),
    /denied the request: not like this/,
  );
}

async function honorTimeout(context: BehaviourContext): Promise<void> {
  const { client } = context;
  const { configure, webhook, nameOf } = await startHooks(context);
  const { reply } = webhook;
  webhook.reply = async (asked, response) => {
    const answer = JSON.stringify(reply(asked, response));
    setTimeout(() => response.writeHead(200).end(answer), waitMs);
  };
  const rows: [timeoutSeconds: number, failurePolicy: string, isRefused: boolean][] = [
    [1, 'Fail', true],
    [1, 'Ignore', false],
    [10, 'Fail', false],
  ];
  for (const [i, [timeoutSeconds, failurePolicy, isRefused]] of rows.entries()) {
    await configure('validating', `${i}`, { timeoutSeconds, failurePolicy });
    const refusal = await refusalOf(createMap(context, `m${i}`));
    if (isRefused) assert.match(refusal, /timeout=1s": context deadline exceeded/);
    else assert.equal(refusal, 'not refused');
    await client.delete(validatingWebhookConfigurations, { name: nameOf(`${i}`) });
  }
}

/** Less than upstream's five seconds, and more than the shorter of its timeouts. */
const waitMs = 2000;

async function inDiscovery(context: BehaviourContext): Promise<void> {
  const get = async <T>(path: string) => JSON.parse((await request(context, 'GET', path)).text) as T;
  const group = 'admissionregistration.k8s.io';
  const groups = await get<{ groups: { name: string; versions: { version: string }[] }[] }>('/apis');
  const found = groups.groups.find(({ name }) => name === group);
  assert.ok(found?.versions.some(({ version }) => version === 'v1'));
  const { resources } = await get<{ resources: { name: string }[] }>(`/apis/${group}/v1`);
  const names = resources.map(({ name }) => name);
  for (const name of ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations']) {
    assert.ok(names.includes(name), name);
  }
}

async function mutateMap(context: BehaviourContext): Promise<void> {
  const { configure, answer } = await startHooks(context);
  const adds =
    (key: string, after: string) =>
    ({ object }: AdmissionRequest) =>
      (object as unknown as ConfigMap).data?.[after] ? addsData(key)() : {};
  answer('1', adds('stage-1', 'start'));
  answer('2', adds('stage-2', 'stage-1'));
  await configure('mutating', '1');
  await configure('mutating', '2');
  const { data } = await createMap(context, 'm', { start: 'yes' });
  assert.deepEqual(data, { start: 'yes', 'stage-1': 'yes', 'stage-2': 'yes' });
}

function mutateCustom(schema?: Parameters<typeof servedVersion>[1]) {
  return async (context: BehaviourContext): Promise<void> => {
    const { client, namespace } = context;
    const version = servedVersion('v1', schema);
    const { type } = await establishDefinition(context, definitionOf(context, [version]));
    const { configure, answer } = await startHooks(context);
    const rules = [
      { operations: ['*'], apiGroups: [type.group], apiVersions: ['v1'], resources: [type.resource] },
    ];
    for (const key of ['stage-1', 'stage-2']) {
      answer(key, addsData(key));
      await configure('mutating', key, { rules });
    }
    const object = { metadata: { name: 'x', namespace }, data: { start: 'yes' } } as unknown as AnyObject;
    const made = await client.create(type, object);
    const expected = schema
      ? { start: 'yes', 'stage-1': 'yes' }
      : { start: 'yes', 'stage-1': 'yes', 'stage-2': 'yes' };
    assert.deepEqual(made['data'], expected);
  };
}

const text = { type: 'string' };
const pruningSchema = {
  type: 'object',
  properties: { data: { type: 'object', properties: { start: text, 'stage-1': text } } },
};

async function mutateOtherVersion(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const versions = [servedVersion('v1'), servedVersion('v2')];
  const { type, definition } = await establishDefinition(context, definitionOf(context, versions));
  const { configure, answer } = await startHooks(context);
  const rules = [
    { operations: ['*'], apiGroups: [type.group], apiVersions: ['v1'], resources: [type.resource] },
  ];
  answer('hook', addsData('mutated'));
  await configure('mutating', 'hook', { rules });
  const object = { metadata: { name: 'x', namespace }, data: { start: 'yes' } } as unknown as AnyObject;
  await client.create(type, object);
  const stored = (i: number, value: boolean) => ({
    op: 'replace',
    path: `/spec/versions/${i}/storage`,
    value,
  });
  const { name } = definition.metadata;
  await client.patch(customResourceDefinitions, { name }, 'json', [stored(0, false), stored(1, true)]);
  const v2 = { ...type, version: 'v2' };
  await context.eventually('v2 is stored', async () => {
    const changed = await client.patch(v2, { namespace, name: 'x' }, 'merge', { data: { other: 'field' } });
    return (changed['data'] as Record<string, string>)['other'] === 'field';
  });
  const { data } = (await client.get(type, { namespace, name: 'x' })) as AnyObject & { data?: object };
  assert.deepEqual(data, { start: 'yes', mutated: 'yes', other: 'field' });
}

async function skipMe(context: BehaviourContext): Promise<void> {
  const { configure, answer } = await startHooks(context);
  answer('hook', addsData('k'));
  const matchConditions = [{ name: 'skip-me', expression: "object.metadata.name != 'skip-me'" }];
  await configure('mutating', 'hook', { matchConditions });
  assert.deepEqual((await createMap(context, 'skip-me')).data, { a: 'b' });
  assert.deepEqual((await createMap(context, 'mutate-me')).data, { a: 'b', k: 'yes' });
}

async function mutatePod({ client, namespace, ...context }: BehaviourContext): Promise<void> {
  const { configure, answer } = await startHooks({ client, namespace, ...context });
  const rules = [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }];
  const value = [{ name: 'added', image: images.busybox, resources: {} }];
  answer('hook', () => patchOf({ op: 'add', path: '/spec/initContainers', value }));
  await configure('mutating', 'hook', { rules });
  const spec = { containers: [{ name: 'c', image: images.busybox }] };
  const made = await client.create(pods, { metadata: { name: 'p', namespace }, spec } as Pod);
  const [added] = made.spec!.initContainers ?? [];
  assert.deepEqual([added?.name, added?.terminationMessagePolicy], ['added', 'File']);
}

async function configurationsAreExempt(context: BehaviourContext): Promise<void> {
  const { client } = context;
  const { configure, answer } = await startHooks(context);
  const rules = [
    {
      operations: ['*'],
      apiGroups: ['admissionregistration.k8s.io'],
      apiVersions: ['*'],
      resources: ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'],
    },
  ];
  answer('deny', denied);
  answer('mutate', () => patchOf({ op: 'add', path: '/metadata/labels', value: { mutated: 'yes' } }));
  await configure('validating', 'deny', { rules });
  await configure('mutating', 'mutate', { rules });
  for (const kind of ['mutating', 'validating'] as const) {
    const name = await configure(kind, 'dummy', { rules: [{ ...configMapRule, operations: ['CONNECT'] }] });
    const made = await client.get(configurationsOf[kind], { name });
    assert.equal(made.metadata?.labels, undefined);
    await client.delete(configurationsOf[kind], { name });
  }
}

async function failClosed(context: BehaviourContext): Promise<void> {
  const { configure, webhook } = await startHooks(context);
  await configure('validating', 'hook', { clientConfig: { url: webhook.url } });
  assert.match(
    await refusalOf(createMap(context, 'm')),
    /^500 InternalError .*tls: failed to verify certificate: x509: certificate signed by unknown authority$/,
  );
}

const title = '[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin]';

export const admissionWebhook: readonly Behaviour[] = [
  behaviour(`${title} listing mutating webhooks should work [Conformance]`, listing('mutating')),
  behaviour(`${title} listing validating webhooks should work [Conformance]`, listing('validating')),
  behaviour(`${title} patching/updating a mutating webhook should work [Conformance]`, patching('mutating')),
  behaviour(
    `${title} patching/updating a validating webhook should work [Conformance]`,
    patching('validating'),
  ),
  behaviour(
    `${title} should be able to create and update mutating webhook configurations with match conditions [Conformance]`,
    withConditions('mutating'),
  ),
  behaviour(
    `${title} should be able to create and update validating webhook configurations with match conditions [Conformance]`,
    withConditions('validating'),
  ),
  behaviour(`${title} should be able to deny attaching pod [Conformance]`, denyAttach),
  behaviour(
    `${title} should be able to deny custom resource creation, update and deletion [Conformance]`,
    denyCustom,
  ),
  behaviour(`${title} should be able to deny pod and configmap creation [Conformance]`, denyPodsAndMaps),
  behaviour(`${title} should deny crd creation [Conformance]`, denyDefinitions),
  behaviour(`${title} should honor timeout [Conformance]`, honorTimeout),
  behaviour(`${title} should include webhook resources in discovery documents [Conformance]`, inDiscovery),
  behaviour(`${title} should mutate configmap [Conformance]`, mutateMap),
  behaviour(`${title} should mutate custom resource [Conformance]`, mutateCustom()),
  behaviour(
    `${title} should mutate custom resource with different stored version [Conformance]`,
    mutateOtherVersion,
  ),
  behaviour(`${title} should mutate custom resource with pruning [Conformance]`, mutateCustom(pruningSchema)),
  behaviour(`${title} should mutate everything except 'skip-me' configmaps [Conformance]`, skipMe),
  behaviour(`${title} should mutate pod and apply defaults after mutation [Conformance]`, mutatePod),
  behaviour(
    `${title} should not be able to mutate or prevent deletion of webhook configuration objects [Conformance]`,
    configurationsAreExempt,
  ),
  behaviour(
    `${title} should reject mutating webhook configurations with invalid match conditions [Conformance]`,
    withBadConditions('mutating'),
  ),
  behaviour(
    `${title} should reject validating webhook configurations with invalid match conditions [Conformance]`,
    withBadConditions('validating'),
  ),
  behaviour(
    `${title} should unconditionally reject operations on fail closed webhook [Conformance]`,
    failClosed,
  ),
];
