import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps, namespaces } from '#api/generated/kinds.gen.ts';
import { startTestServer } from '#testing/server/test-server.ts';

const configMap = { metadata: { name: 'c', namespace: 'later' } };

test('NamespaceAutoProvision – an object in a missing namespace – makes the namespace, but not as a dry run', async () => {
  await using api = await startTestServer({
    setup: 'kubernetes',
    configuration: { arguments: { 'enable-admission-plugins': ['NamespaceAutoProvision'] } },
  });
  const { client } = api;
  await assert.rejects(
    client.create(configMaps, configMap, { dryRun: true }),
    /namespaces "later" not found/,
  );
  await client.create(configMaps, configMap);
  assert.equal((await client.get(namespaces, { name: 'later' })).status?.phase, 'Active');
});
