/** Custom objects are watched as any others, also by fields that their definition makes selectable. */

import assert from 'node:assert/strict';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { establishConverted, versionsOf } from '../shared/converted-definition.ts';
import { definitionOf, establishDefinition, servedVersion } from '../shared/definitions.ts';
import { startWatch } from '../shared/watching.ts';

async function watched(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const { type } = await establishDefinition(context, definitionOf(context, [servedVersion('v1')]));
  const watching = startWatch(context, type, { namespace });
  const largest = '9223372036854775807';
  await context.kubectlInput(
    `{"apiVersion":"${type.group}/v1","kind":"${type.kind}","metadata":{"name":"x"},"count":${largest}}`,
    'create',
    '-f',
    '-',
  );
  const count = ['get', `${type.resource}.${type.group}`, 'x', '-o', 'jsonpath={.count}'];
  assert.equal(await context.kubectl(...count), largest);
  await watching.until('it is added', (event) => event.type === 'ADDED');
  await client.patch(type, { namespace, name: 'x' }, 'merge', { metadata: { labels: { a: 'b' } } });
  await watching.until('it is modified', (event) => event.type === 'MODIFIED');
  assert.equal(await context.kubectl(...count), largest);
  await client.delete(type, { namespace, name: 'x' });
  await watching.until('it is deleted', (event) => event.type === 'DELETED');
}

async function selected(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const text = { type: 'string' };
  const fields = (...names: string[]) => ({
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, text])),
  });
  const by = (...paths: string[]) => ({ selectableFields: paths.map((jsonPath) => ({ jsonPath })) });
  const [v1, v2] = versionsOf(
    await establishConverted(context, [
      servedVersion('v1', fields('hostPort'), by('.hostPort')),
      servedVersion('v2', fields('host', 'port'), by('.host', '.port')),
    ]),
  );
  const watching = startWatch(context, v2, { namespace, fieldSelector: 'host=host1' });
  const object = (name: string, host: string, port: string) => ({
    apiVersion: `${v2.group}/v2`,
    kind: v2.kind,
    metadata: { name, namespace },
    host,
    port,
  });
  await client.create(v2, object('a', 'host1', '80'));
  await client.create(v2, object('b', 'host2', '80'));
  await client.create(v2, object('c', 'host1', '8080'));
  const names = async (type: typeof v2, fieldSelector: string) =>
    (await client.list(type, { namespace, fieldSelector })).items.map(({ metadata }) => metadata.name).sort();
  assert.deepEqual(await names(v2, 'host=host1'), ['a', 'c']);
  assert.deepEqual(await names(v2, 'host=host1,port=80'), ['a']);
  assert.deepEqual(await names(v1, 'hostPort=host1:8080'), ['c']);
  await watching.until('c is added', ({ object: { metadata } }) => metadata.name === 'c');
  await client.patch(v1, { namespace, name: 'a' }, 'merge', { hostPort: 'host2:80' });
  await watching.until('a leaves the selection', (event) => event.type === 'DELETED');
  assert.ok(!watching.events.some(({ object: { metadata } }) => metadata.name === 'b'));
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
