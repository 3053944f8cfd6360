/** Bodies with empty lists and maps: rules and messages see them, what is stored and shown has none; as upstream answers. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clusterRoles, configMaps, nodes } from '#api/generated/kinds.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { newPod } from '#testing/objects.ts';
import { startTestServer } from '#testing/server/test-server.ts';

const configMapsUrl = '/api/v1/namespaces/default/configmaps';

test('an empty map – created – is neither stored nor owned', async () => {
  await using api = await startTestServer();
  const metadata = { name: 'a', labels: {}, annotations: {}, finalizers: [] };
  const body = { metadata, data: {}, immutable: true };
  const created = await api.client.raw('POST', `${configMapsUrl}?fieldManager=m`, body);
  const { labels, annotations, finalizers, managedFields } = (created as typeof body).metadata as never;
  assert.deepEqual([labels, annotations, finalizers], [undefined, undefined, undefined]);
  assert.deepEqual((managedFields as { fieldsV1: object }[])[0]?.fieldsV1, { 'f:immutable': {} });
  assert.equal('data' in (await api.client.get(configMaps, { namespace: 'default', name: 'a' })), false);
});

test('an empty list that is always written – stored – is null, as it is read from protobuf', async () => {
  await using api = await startTestServer();
  await api.client.create(clusterRoles, { metadata: { name: 'a' }, rules: [] });
  assert.equal((await api.client.get(clusterRoles, { name: 'a' })).rules, null);
});

test('a map that is not stored – of a field with a default – has its default', async () => {
  await using api = await startTestServer();
  await api.client.create(nodes, { metadata: { name: 'n' }, spec: {} });
  const status = { capacity: { cpu: '1' }, allocatable: {} };
  const url = '/api/v1/nodes/n/status';
  const updated = await api.client.raw('PUT', url, { metadata: { name: 'n' }, status });
  assert.deepEqual((updated as { status: object }).status, {
    ...(updated as { status: object }).status,
    capacity: { cpu: '1' },
    allocatable: { cpu: '1' },
  });
});

test('an update – to an empty list in place of none – changes nothing', async () => {
  await using api = await startTestServer();
  const body = { metadata: { name: 'a', namespace: 'default' }, data: { a: 'b' } };
  const before = await api.client.create(configMaps, body);
  const after = await api.client.update(configMaps, {
    ...before,
    metadata: { ...before.metadata, finalizers: [] },
    binaryData: {},
  });
  assert.equal(after.metadata.resourceVersion, before.metadata.resourceVersion);
});

describe('an empty list – of a field that is forbidden or shown – is in the message as upstream writes it', () => {
  const ephemeral = (field: object) => ({
    ...newPod('p').spec,
    ephemeralContainers: [
      { name: 'e', image: 'i', terminationMessagePolicy: 'File', imagePullPolicy: 'Always', ...field },
    ],
  });
  const cases: [spec: object, message: string][] = [
    [
      ephemeral({ ports: [] }),
      'spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container',
    ],
    [
      ephemeral({ resources: { limits: {} } }),
      'spec.ephemeralContainers[0].resources: Forbidden: cannot be set for an Ephemeral Container',
    ],
  ];
  for (const [spec, message] of cases) {
    test(message, async () => {
      await using api = await startTestServer();
      const body = { metadata: { name: 'p' }, spec };
      const refused = api.client.raw('POST', '/api/v1/namespaces/default/pods', body);
      await assert.rejects(
        refused,
        (error) => error instanceof StatusError && error.message.includes(message),
      );
    });
  }
});
