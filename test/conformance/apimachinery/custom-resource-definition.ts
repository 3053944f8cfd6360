/** Definitions of custom resources: their life, their status, their place in discovery, and defaults. */

import assert from 'node:assert/strict';
import { customResourceDefinitions } from '#api/generated/kinds.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { definitionOf, establishDefinition, servedVersion } from '../shared/definitions.ts';
import { isGone } from '../shared/workloads.ts';

async function createdAndDeleted(context: BehaviourContext): Promise<void> {
  const { definition } = await establishDefinition(context, definitionOf(context, [servedVersion('v1')]));
  const { name } = definition.metadata;
  await context.client.delete(customResourceDefinitions, { name });
  await context.eventually('it is gone', () => isGone(context.client, customResourceDefinitions, { name }));
}

async function listed(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const labelSelector = `of=${namespace}`;
  for (const noun of ['noxu', 'curlet', 'gizmo']) {
    const definition = definitionOf(context, [servedVersion('v1')], noun);
    definition.metadata!.labels = { of: namespace };
    await establishDefinition(context, definition);
  }
  assert.equal((await client.list(customResourceDefinitions, { labelSelector })).items.length, 3);
  await client.deleteCollection(customResourceDefinitions, { labelSelector });
  await context.eventually('all are gone', async () => {
    const { items } = await client.list(customResourceDefinitions, { labelSelector });
    return items.length === 0;
  });
}

async function status(context: BehaviourContext): Promise<void> {
  const { client } = context;
  const { definition } = await establishDefinition(context, definitionOf(context, [servedVersion('v1')]));
  const { name } = definition.metadata;
  const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'set from a test' };
  await context.eventually('its status is updated', async () => {
    const current = await client.get(customResourceDefinitions, { name }, 'status');
    current.status!.conditions!.push(condition);
    return client.updateStatus(customResourceDefinitions, current).then(
      () => true,
      () => false,
    );
  });
  const { status } = await client.get(customResourceDefinitions, { name });
  assert.ok(status?.conditions?.some(({ reason }) => reason === 'E2E'));
  const patch = { metadata: { annotations: { patched: 'yes' } } };
  const options = { subresource: 'status' };
  const patched = await client.patch(customResourceDefinitions, { name }, 'merge', patch, options);
  assert.ok(patched.status?.conditions?.some(({ reason }) => reason === 'E2E'));
}

async function discovered({ client }: BehaviourContext): Promise<void> {
  type Groups = { groups: { name: string; versions: { groupVersion: string }[] }[] };
  type Listed = { resources: { name: string }[] };
  const { groups } = (await client.raw('GET', '/apis')) as Groups;
  const found = groups.find(({ name }) => name === 'apiextensions.k8s.io');
  assert.ok(found?.versions.some(({ groupVersion }) => groupVersion === 'apiextensions.k8s.io/v1'));
  const { resources } = (await client.raw('GET', '/apis/apiextensions.k8s.io/v1')) as Listed;
  assert.ok(resources.some(({ name }) => name === 'customresourcedefinitions'));
}

async function defaulted(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const fields = (defaults: object) => ({
    type: 'object',
    properties: { a: { type: 'string' }, b: { type: 'string' }, ...defaults },
  });
  const { definition, type } = await establishDefinition(
    context,
    definitionOf(context, [servedVersion('v1', fields({ a: { type: 'string', default: 'A' } }))]),
  );
  const { kind } = type;
  const apiVersion = `${type.group}/v1`;
  const object = { apiVersion, kind, metadata: { name: 'x', namespace } };
  const created = await client.create(type, object);
  assert.equal(created['a'], 'A');
  const both = fields({ a: { type: 'string', default: 'A' }, b: { type: 'string', default: 'B' } });
  const patch = [{ op: 'replace', path: '/spec/versions/0/schema/openAPIV3Schema', value: both }];
  await client.patch(customResourceDefinitions, { name: definition.metadata.name }, 'json', patch);
  await context.eventually('what is stored has the new default', async () => {
    const { a, b } = await client.get(type, { namespace, name: 'x' });
    return a === 'A' && b === 'B';
  });
}

const title = '[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin]';
const simple = `${title} Simple CustomResourceDefinition`;

export const customResourceDefinition: readonly Behaviour[] = [
  behaviour(
    `${simple} creating/deleting custom resource definition objects works [Conformance]`,
    createdAndDeleted,
  ),
  behaviour(`${simple} listing custom resource definition objects works [Conformance]`, listed),
  behaviour(
    `${simple} getting/updating/patching custom resource definition status sub-resource works [Conformance]`,
    status,
  ),
  behaviour(
    `${title} should include custom resource definition resources in discovery documents [Conformance]`,
    discovered,
  ),
  behaviour(
    `${title} custom resource defaulting for requests and from storage works [Conformance]`,
    defaulted,
  ),
];
