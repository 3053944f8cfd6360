/** Custom objects in several versions: converted by name only, by a webhook, and stored in a new one. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { customResourceDefinitions } from '#api/generated/kinds.gen.ts';
import type { CustomResourceDefinition, JSONSchemaProps } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { resourceType } from '#api/meta/resource.ts';
import { establish, gadgetDefinition, startCustomServer } from '#testing/server/definitions.ts';
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
  });
  if (conversion) definition.spec.conversion = conversion;
  return definition;
}

test('two versions – without a webhook – an object is read in both, what the other does not know is pruned', async (t) => {
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

interface Review {
  request: { uid: string; desiredAPIVersion: string; objects: AnyObject[] };
}

function converted(object: AnyObject, apiVersion: string): AnyObject {
  const { hostPort, host, port } = object['spec'] as Record<string, string>;
  const [first, second] = (hostPort ?? '').split(':');
  const spec = apiVersion.endsWith('v2') ? { host: first, port: second } : { hostPort: `${host}:${port}` };
  return { ...object, apiVersion, spec };
}

async function convertingServer(t: TestContext) {
  const webhook = await startTestWebhook(({ body }: { body: string }) => {
    const { request } = JSON.parse(body) as Review;
    const { uid, desiredAPIVersion, objects } = request;
    const isRefused = objects.some(({ metadata }) => metadata?.name === 'refused');
    const result = isRefused ? { status: 'Failure', message: 'not this one' } : { status: 'Success' };
    const convertedObjects = objects.map((object) => converted(object, desiredAPIVersion));
    return {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'ConversionReview',
      response: { uid, result, convertedObjects },
    };
  });
  t.after(() => webhook[Symbol.asyncDispose]());
  const server = await startCustomServer(t);
  const clientConfig = { url: webhook.url, caBundle: Buffer.from(webhook.caPem).toString('base64') };
  await establish(
    server.client,
    twoVersions({ strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1'] } }),
  );
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

test('two versions – the webhook refuses – the request fails with what it says', async (t) => {
  const { send } = await convertingServer(t);
  assert.equal((await send('POST', pathOf('v1'), gadget('v1', { hostPort: 'a:1' }, 'refused'))).code, 201);
  const { code, body } = await send('GET', `${pathOf('v2')}/refused`);
  assert.deepEqual(
    [code, body.message],
    [500, 'conversion webhook for example.com/v1, Kind=Gadget failed: not this one'],
  );
});
