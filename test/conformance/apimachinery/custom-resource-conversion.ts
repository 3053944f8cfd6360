/** Custom objects in two versions that a webhook converts; the webhook is a server of the test itself. */

import assert from 'node:assert/strict';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { establishConverted, versionsOf } from '../shared/converted-definition.ts';

async function fromV1ToV2(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const [v1, v2] = versionsOf(await establishConverted(context));
  const metadata = { name: 'x', namespace };
  await client.create(v1, {
    apiVersion: `${v1.group}/v1`,
    kind: v1.kind,
    metadata,
    hostPort: 'localhost:8080',
  });
  const { host, port, hostPort, apiVersion } = await client.get(v2, metadata);
  assert.deepEqual([apiVersion, host, port, hostPort], [`${v2.group}/v2`, 'localhost', '8080', undefined]);
}

async function mixedList(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const custom = await establishConverted(context);
  const [v1, v2] = versionsOf(custom);
  const object = (version: string, name: string, fields: object) => ({
    apiVersion: `${v1.group}/${version}`,
    kind: v1.kind,
    metadata: { name, namespace },
    ...fields,
  });
  await client.create(v1, object('v1', 'a', { hostPort: 'one:1' }));
  // What comes next is stored in v2.
  await context.kubectl(
    'patch',
    'customresourcedefinition',
    custom.definition.metadata.name,
    '--type=json',
    '-p',
    JSON.stringify([
      { op: 'replace', path: '/spec/versions/0/storage', value: false },
      { op: 'replace', path: '/spec/versions/1/storage', value: true },
    ]),
  );
  await client.create(v2, object('v2', 'b', { host: 'two', port: '2' }));
  await context.eventually('both are listed in v1', async () => {
    const { items } = await client.list(v1, { namespace });
    return JSON.stringify(items.map(({ hostPort }) => hostPort)) === '["one:1","two:2"]';
  });
  const { items } = await client.list(v2, { namespace });
  assert.deepEqual(
    items.map(({ host, port }) => [host, port]),
    [
      ['one', '1'],
      ['two', '2'],
    ],
  );
}

const title =
  '[sig-api-machinery] CustomResourceConversionWebhook [Privileged:ClusterAdmin] should be able to';

export const customResourceConversionWebhook: readonly Behaviour[] = [
  behaviour(`${title} convert from CR v1 to CR v2 [Conformance]`, fromV1ToV2),
  behaviour(`${title} convert a non homogeneous list of CRs [Conformance]`, mixedList),
];
