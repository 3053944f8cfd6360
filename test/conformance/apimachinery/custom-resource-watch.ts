/** Custom objects are watched as any others, also by fields that their definition makes selectable. */

import assert from 'node:assert/strict';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { definitionOf, establishDefinition, servedVersion } from '../shared/definitions.ts';
import { startWatch } from '../shared/watching.ts';

async function watched(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const { type } = await establishDefinition(context, definitionOf(context, [servedVersion('v1')]));
  const watching = startWatch(context, type, { namespace });
  const object = { apiVersion: `${type.group}/v1`, kind: type.kind, metadata: { name: 'x', namespace } };
  await client.create(type, object);
  await watching.until('it is added', (event) => event.type === 'ADDED');
  await client.patch(type, { namespace, name: 'x' }, 'merge', { metadata: { labels: { a: 'b' } } });
  await watching.until('it is modified', (event) => event.type === 'MODIFIED');
  await client.delete(type, { namespace, name: 'x' });
  await watching.until('it is deleted', (event) => event.type === 'DELETED');
}

async function selected(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const spec = { type: 'object', properties: { host: { type: 'string' }, port: { type: 'integer' } } };
  const version = servedVersion(
    'v1',
    { type: 'object', properties: { spec } },
    { selectableFields: [{ jsonPath: '.spec.host' }, { jsonPath: '.spec.port' }] },
  );
  const { type } = await establishDefinition(context, definitionOf(context, [version]));
  const fieldSelector = 'spec.host=host1';
  const watching = startWatch(context, type, { namespace, fieldSelector });
  const object = (name: string, host: string, port: number) => ({
    apiVersion: `${type.group}/v1`,
    kind: type.kind,
    metadata: { name, namespace },
    spec: { host, port },
  });
  await client.create(type, object('a', 'host1', 80));
  await client.create(type, object('b', 'host2', 80));
  await client.create(type, object('c', 'host1', 8080));
  const names = async (selector: string) =>
    (await client.list(type, { namespace, fieldSelector: selector })).items
      .map(({ metadata }) => metadata.name)
      .sort();
  assert.deepEqual(await names(fieldSelector), ['a', 'c']);
  assert.deepEqual(await names('spec.host=host1,spec.port=80'), ['a']);
  await watching.until('c is added', ({ object }) => object.metadata.name === 'c');
  await client.patch(type, { namespace, name: 'a' }, 'merge', { spec: { host: 'host2' } });
  await watching.until('a leaves the selection', (event) => event.type === 'DELETED');
  assert.ok(!watching.events.some(({ object }) => object.metadata.name === 'b'));
}

const title = '[sig-api-machinery]';
const definition = 'CustomResourceDefinition Watch';

export const customResourceWatch: readonly Behaviour[] = [
  behaviour(
    `${title} ${definition} [Privileged:ClusterAdmin] ${definition} watch on custom resource definition objects [Conformance]`,
    watched,
  ),
];

export const customResourceFieldSelectors: readonly Behaviour[] = [
  behaviour(
    `${title} CustomResourceFieldSelectors [Privileged:ClusterAdmin] CustomResourceFieldSelectors MUST list and watch custom resources matching the field selector [Conformance]`,
    selected,
  ),
];
