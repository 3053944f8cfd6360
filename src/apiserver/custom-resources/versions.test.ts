/** Custom objects in several versions: converted by name only, by a webhook, and stored in a new one. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { customResourceDefinitions } from '#api/generated/kinds.gen.ts';
import type { CustomResourceDefinition, JSONSchemaProps } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { resourceType } from '#api/meta/resource.ts';
import { establish, gadgetDefinition, startCustomServer } from '#testing/server/definitions.ts';
import { convertHostPorts } from '#testing/server/host-port-conversion.ts';
import { startTestWebhook } from '#testing/server/webhook-server.ts';

const pathOf = (version: string) => `/apis/example.com/${version}/namespaces/default/gadgets`;
const text: JSONSchemaProps = { type: 'string' };

const gadget = (version: string, spec: object, name = 'x') => ({
  apiVersion: `example.com/${version}`,
  kind: 'Gadget',
  metadata: { name },
  spec,
});

/** v1 has `hostPort`, v2 has `host` and `port`. */
function twoVersions(conversion: CustomResourceDefinition['spec']['conversion']): CustomResourceDefinition {
  const definition = gadgetDefinition({ type: 'object', properties: { hostPort: text } });
  const [v1] = definition.spec.versions;
  const spec = { type: 'object', properties: { host: text, port: text } };
  definition.spec.versions.push({
    ...v1!,
    name: 'v2',
    storage: false,
    schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
    selectableFields: [{ jsonPath: '.spec.host' }, { jsonPath: '.spec.port' }],
  });
  v1!.selectableFields = [{ jsonPath: '.spec.hostPort' }];
  if (conversion) definition.spec.conversion = conversion;
  return definition;
}

test('two versions – without a webhook – an object is read in both, unknown fields are pruned', async (t) => {
  const { client, send } = await startCustomServer(t);
  await establish(client, twoVersions({ strategy: 'None' }));
  await send('POST', pathOf('v1'), gadget('v1', { hostPort: 'a:1' }));
  const { body } = await send('GET', `${pathOf('v2')}/x`);
  assert.deepEqual([body.apiVersion, body['spec']], ['example.com/v2', {}]);
  assert.deepEqual((await send('GET', `${pathOf('v1')}/x`)).body['spec'], { hostPort: 'a:1' });
});

test('the storage version – changed – an update without a change stores the object in the new one', async (t) => {
  const { client, send } = await startCustomServer(t);
  const definition = await establish(client, twoVersions({ strategy: 'None' }));
  const created = await send('POST', pathOf('v1'), gadget('v1', { hostPort: 'a:1' }));
  for (const version of definition.spec.versions) version.storage = version.name === 'v2';
  const changed = await client.update(customResourceDefinitions, definition);
  assert.deepEqual(changed.status?.storedVersions, ['v1', 'v2']);
  for (;;) {
    const { body } = await send('GET', `${pathOf('v1')}/x`);
    const updated = await send('PUT', `${pathOf('v1')}/x`, body);
    if (updated.body.metadata?.resourceVersion === created.body.metadata?.resourceVersion) continue;
    assert.equal(updated.code, 200);
    break;
  }
  const { body } = await send('GET', `${pathOf('v1')}/x`);
  assert.equal(
    (await send('PUT', `${pathOf('v1')}/x`, body)).body.metadata?.resourceVersion,
    body.metadata?.resourceVersion,
  );
});

async function convertingServer(t: TestContext, storage = 'v1') {
  const webhook = await startTestWebhook(({ body }: { body: string }) => convertHostPorts(body));
  t.after(() => webhook[Symbol.asyncDispose]());
  const server = await startCustomServer(t);
  const clientConfig = { url: webhook.url, caBundle: Buffer.from(webhook.caPem).toString('base64') };
  const definition = twoVersions({
    strategy: 'Webhook',
    webhook: { clientConfig, conversionReviewVersions: ['v1'] },
  });
  for (const version of definition.spec.versions) version.storage = version.name === storage;
  await establish(server.client, definition);
  return { ...server, webhook };
}

test('two versions – with a webhook – objects are written, read, listed and watched in both', async (t) => {
  const { client, send, webhook } = await convertingServer(t);
  assert.equal((await send('POST', pathOf('v2'), gadget('v2', { host: 'a', port: '1' }))).code, 201);
  assert.deepEqual((await send('GET', `${pathOf('v1')}/x`)).body['spec'], { hostPort: 'a:1' });
  await send('POST', pathOf('v1'), gadget('v1', { hostPort: 'b:2' }, 'y'));
  assert.deepEqual((await send('GET', `${pathOf('v2')}/y`)).body['spec'], { host: 'b', port: '2' });
  const before = webhook.asked.length;
  const { body } = await send('GET', pathOf('v2'));
  assert.deepEqual(
    (body['items'] as AnyObject[]).map(({ spec }) => spec),
    [
      { host: 'a', port: '1' },
      { host: 'b', port: '2' },
    ],
  );
  assert.ok(webhook.asked.length <= before + 1, 'a list is asked for in one review');

  const gadgetsV2 = resourceType<AnyObject>('example.com', 'v2', 'gadgets', 'Gadget', true);
  const abort = new AbortController();
  const seen: unknown[] = [];
  const resourceVersion = (body.metadata as { resourceVersion: string }).resourceVersion;
  const events = client.watch(gadgetsV2, { namespace: 'default', resourceVersion, signal: abort.signal });
  const merge = { 'content-type': 'application/merge-patch+json' };
  await send('PATCH', `${pathOf('v1')}/y`, { spec: { hostPort: 'c:3' } }, merge);
  for await (const { type, object } of events) {
    seen.push([type, object.apiVersion, object['spec']]);
    abort.abort();
  }
  assert.deepEqual(seen, [['MODIFIED', 'example.com/v2', { host: 'c', port: '3' }]]);
  assert.equal((await send('DELETE', `${pathOf('v2')}/y`)).code, 200);
});

test('two versions – the webhook refuses – the request fails with its message', async (t) => {
  const { send } = await convertingServer(t);
  assert.equal((await send('POST', pathOf('v1'), gadget('v1', { hostPort: 'a:1' }, 'refused'))).code, 201);
  const { code, body } = await send('GET', `${pathOf('v2')}/refused`);
  assert.deepEqual(
    [code, body.message],
    [500, 'conversion webhook for example.com/v1, Kind=Gadget failed: not this one'],
  );
});

const namesOf = ({ body }: { body: AnyObject }) =>
  (body['items'] as AnyObject[]).map(({ metadata }) => metadata?.name);

test('two versions – with a webhook – each is selected by its own fields, whichever is stored', async (t) => {
  const { send } = await convertingServer(t);
  await send('POST', pathOf('v2'), gadget('v2', { host: 'a', port: '1' }, 'a1'));
  await send('POST', pathOf('v2'), gadget('v2', { host: 'a', port: '2' }, 'a2'));
  await send('POST', pathOf('v1'), gadget('v1', { hostPort: 'b:1' }, 'b1'));
  const listed = async (version: string, selector: string) =>
    namesOf(await send('GET', `${pathOf(version)}?fieldSelector=${encodeURIComponent(selector)}&limit=1`));
  assert.deepEqual(await listed('v2', 'spec.host=a'), ['a1', 'a2']);
  assert.deepEqual(await listed('v2', 'spec.host=a,spec.port!=1'), ['a2']);
  assert.deepEqual(await listed('v2', 'spec.host=a,metadata.name=a1'), ['a1']);
  assert.deepEqual(await listed('v1', 'spec.hostPort=b:1'), ['b1']);
  const refused = await send('GET', `${pathOf('v1')}?fieldSelector=spec.host%3Da`);
  assert.equal(refused.code, 400);
  const deleted = await send('DELETE', `${pathOf('v2')}?fieldSelector=spec.port%3D1`);
  assert.deepEqual([deleted.code, namesOf(deleted)], [200, ['a1', 'b1']]);
  assert.deepEqual(namesOf(await send('GET', pathOf('v1'))), ['a2']);
});

test('two versions – with a webhook – a watch of some fields sees objects come into its selection and leave it', async (t) => {
  const { client, send } = await convertingServer(t);
  const gadgetsV2 = resourceType<AnyObject>('example.com', 'v2', 'gadgets', 'Gadget', true);
  await send('POST', pathOf('v1'), gadget('v1', { hostPort: 'a:1' }));
  await send('POST', pathOf('v1'), gadget('v1', { hostPort: 'b:1' }, 'never'));
  const abort = new AbortController();
  const seen: unknown[] = [];
  const options = { namespace: 'default', fieldSelector: 'spec.host=a', signal: abort.signal };
  const merge = { 'content-type': 'application/merge-patch+json' };
  const changes: [string, string][] = [
    ['never', 'b:2'],
    ['x', 'a:2'],
    ['x', 'b:3'],
    ['x', 'b:4'],
    ['x', 'a:5'],
  ];
  for await (const { type, object } of client.watch(gadgetsV2, options)) {
    seen.push([type, object['spec'], object.metadata.name]);
    if (seen.length === 1) {
      for (const [name, hostPort] of changes) {
        assert.equal(
          (await send('PATCH', `${pathOf('v1')}/${name}`, { spec: { hostPort } }, merge)).code,
          200,
        );
      }
      await send('DELETE', `${pathOf('v1')}/x`);
    }
    if (seen.length === 5) abort.abort();
  }
  assert.deepEqual(seen, [
    ['ADDED', { host: 'a', port: '1' }, 'x'],
    ['MODIFIED', { host: 'a', port: '2' }, 'x'],
    ['DELETED', { host: 'a', port: '2' }, 'x'],
    ['ADDED', { host: 'a', port: '5' }, 'x'],
    ['DELETED', { host: 'a', port: '5' }, 'x'],
  ]);
});

test('two versions – without a webhook – each is selected by its own fields', async (t) => {
  const { client, send } = await startCustomServer(t);
  const definition = twoVersions({ strategy: 'None' });
  const [v1, v2] = definition.spec.versions;
  const properties = { hostPort: text, host: text, port: text };
  // Not the same: upstream knows no selectable fields of a schema that all versions share.
  for (const [version, more] of [
    [v1!, {}],
    [v2!, { zone: text }],
  ] as const) {
    const spec = { type: 'object', properties: { ...properties, ...more } };
    version.schema = { openAPIV3Schema: { type: 'object', properties: { spec } } };
  }
  await establish(client, definition);
  await send('POST', pathOf('v2'), gadget('v2', { host: 'a' }, 'a'));
  await send('POST', pathOf('v1'), gadget('v1', { hostPort: 'b' }, 'b'));
  assert.deepEqual(namesOf(await send('GET', `${pathOf('v2')}?fieldSelector=spec.host%3Da`)), ['a']);
  assert.deepEqual(namesOf(await send('GET', `${pathOf('v1')}?fieldSelector=spec.hostPort%3Db`)), ['b']);
});

test('a definition – its selectable fields are changed – objects stored before are selected by the new ones', async (t) => {
  const { client, send } = await startCustomServer(t);
  const definition = await establish(
    client,
    gadgetDefinition({ type: 'object', properties: { color: text } }),
  );
  await send('POST', pathOf('v1'), gadget('v1', { color: 'red' }, 'red'));
  definition.spec.versions[0]!.selectableFields = [{ jsonPath: '.spec.color' }];
  await client.update(customResourceDefinitions, definition);
  for (;;) {
    const answer = await send('GET', `${pathOf('v1')}?fieldSelector=spec.color%3Dred`);
    if (answer.code === 400) continue;
    assert.deepEqual(namesOf(answer), ['red']);
    break;
  }
});

test('two versions – the definition is deleted while its webhook refuses – objects in the storage version need no conversion', async (t) => {
  const { client, send } = await convertingServer(t, 'v2');
  assert.equal((await send('POST', pathOf('v2'), gadget('v2', { host: 'a' }, 'refused'))).code, 201);
  const abort = new AbortController();
  const changes = client.watch(customResourceDefinitions, { signal: abort.signal });
  await client.delete(customResourceDefinitions, { name: 'gadgets.example.com' });
  for await (const { type, object } of changes) {
    const terminating = object.status?.conditions?.find((condition) => condition.type === 'Terminating');
    assert.notEqual(terminating?.reason, 'InstanceDeletionFailed');
    if (type === 'DELETED') abort.abort();
  }
});
