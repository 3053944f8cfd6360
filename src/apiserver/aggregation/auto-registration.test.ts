/** The APIServices by which a server registers what it serves itself. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { apiServices, customResourceDefinitions } from '#api/generated/kinds.gen.ts';
import type { APIService } from '#api/generated/types.gen.ts';
import type { Client } from '#client/client.ts';
import { establish, gadgetDefinition } from '#testing/server/definitions.ts';
import { startTestServer } from '#testing/server/test-server.ts';

async function start(t: TestContext) {
  const api = await startTestServer({ setup: 'kubernetes', https: true });
  t.after(api.stop);
  return api;
}

const label = 'kube-aggregator.kubernetes.io/automanaged';

/** Resolves when the watch has shown the object so. */
async function changed(
  client: Client,
  name: string,
  isIt: (type: string, object: APIService) => boolean,
): Promise<APIService> {
  const abort = new AbortController();
  for await (const event of client.watch(apiServices, { signal: abort.signal })) {
    const object = event.object as APIService;
    if (object.metadata?.name === name && isIt(event.type, object)) return object;
  }
  throw new Error('the watch has ended');
}

test('built-in versions – at the start – are registered with upstream’s priorities; an APIService deleted later stays deleted until the next start', async (t) => {
  const api = await start(t);
  const { items } = await api.client.list(apiServices);
  const shown = items.map(({ metadata, spec }) => [
    metadata.name,
    metadata.labels?.[label],
    spec?.groupPriorityMinimum,
    spec?.versionPriority,
  ]);
  assert.deepEqual(
    [shown.length, shown[0], shown.at(-1)],
    [21, ['v1.', 'onstart', 18_000, 1], ['v2.autoscaling', 'onstart', 17_500, 30]],
  );
  await api.client.delete(apiServices, { name: 'v1.apps' });
  const [, changedPriority] = items.filter(({ metadata }) => metadata.name !== 'v1.apps');
  changedPriority!.spec!.versionPriority = 99;
  await api.client.update(apiServices, changedPriority!);
  assert.equal((await api.client.list(apiServices)).items.length, 20);
  const groups = async () => {
    const { groups } = (await api.client.raw('GET', '/apis')) as { groups: { name: string }[] };
    return groups.map(({ name }) => name);
  };
  const listed = await groups();
  assert.deepEqual([listed.includes('apps'), listed.includes('batch')], [false, true]);
  await api.client.raw('GET', '/apis/apps/v1/namespaces/default/deployments');
  const another = await api.another();
  t.after(another.stop);
  const after = await another.client.list(apiServices);
  assert.equal(after.items.length, 21);
  assert.equal(after.items[1]!.spec?.versionPriority, 15);
});

test('a version of custom resources – while a definition serves it – is registered, and restored when it is changed', async (t) => {
  const { client } = await start(t);
  const definition = await establish(client, gadgetDefinition({ type: 'object' }));
  const name = 'v1.example.com';
  const added = await changed(client, name, () => true);
  assert.equal(added.metadata?.labels?.[label], 'true');
  const spec = { group: 'example.com', version: 'v1', groupPriorityMinimum: 1000, versionPriority: 100 };
  assert.deepEqual(added.spec, spec);
  await client.update(apiServices, { ...added, spec: { ...spec, versionPriority: 7 } });
  await changed(client, name, (type, object) => type !== 'DELETED' && object.spec?.versionPriority === 100);
  await client.delete(apiServices, { name });
  await changed(client, name, (type) => type !== 'DELETED');
  await client.delete(customResourceDefinitions, { name: definition.metadata.name });
  await changed(client, name, (type) => type === 'DELETED');
});

test('an APIService without the label – of a version that a definition serves – is unchanged', async (t) => {
  const { client } = await start(t);
  const spec = { group: 'example.com', version: 'v1', groupPriorityMinimum: 5, versionPriority: 5 };
  await client.create(apiServices, { metadata: { name: 'v1.example.com' }, spec });
  const definition = await establish(client, gadgetDefinition({ type: 'object' }));
  await client.delete(customResourceDefinitions, { name: definition.metadata.name });
  assert.deepEqual((await client.get(apiServices, { name: 'v1.example.com' })).spec, spec);
});
