import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configMaps, endpoints, secrets } from '#api/generated/kinds.gen.ts';
import type { ConfigMap, Endpoints } from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { StatusError } from '#api/meta/status.ts';
import { startTestServer } from '#testing/server/test-server.ts';

/** So many addresses take about 25 bytes each as protobuf and 43 as JSON, with longer names more. */
function ofAddresses(length: number, name = 'large', hostLength = 0): Endpoints {
  const addresses = Array.from({ length }, (_, i) => ({
    hostname: `host-${i}`.padEnd(hostLength, 'x'),
    ip: '192.0.2.1',
  }));
  return { metadata: { name, namespace: 'a' }, subsets: [{ addresses }] };
}

test('an object – longer than etcd takes – is refused in its words; what etcd takes as protobuf is stored', async (t) => {
  const server = await startTestServer();
  t.after(() => server.stop());
  const { client } = server;
  const fits = ofAddresses(43_000, 'large', 16);
  assert.ok(JSON.stringify(fits).length > 2 * 1024 * 1024);
  const stored = await client.create(endpoints, fits);
  const grown = { ...stored, subsets: ofAddresses(43_000, 'large', 30).subsets! };
  await assert.rejects(client.update(endpoints, grown), (error: StatusError) => {
    assert.deepEqual([error.status.code, error.message], [500, 'etcdserver: request is too large']);
    return true;
  });
  const kept = await client.get(endpoints, { namespace: 'a', name: 'large' });
  assert.equal(kept.metadata.resourceVersion, stored.metadata.resourceVersion);
  await assert.rejects(client.create(endpoints, ofAddresses(43_000, 'larger', 42)), {
    message:
      /^rpc error: code = ResourceExhausted desc = trying to send message larger than max \(2\d{6} vs\. 2097152\)$/,
  });
});

test('a body – that is certain to be too large – is refused before its parts are validated; what a writer cannot set does not count', async (t) => {
  const server = await startTestServer();
  t.after(() => server.stop());
  const { client } = server;
  const create = (object: object) => client.create(configMaps, object as ConfigMap);
  const invalid = ofAddresses(43_000, 'larger', 42);
  for (const address of invalid.subsets![0]!.addresses!) address.ip = 'none';
  await assert.rejects(client.create(endpoints, invalid), (error: StatusError) => {
    assert.equal(error.status.code, 500);
    assert.match(error.message, /^etcdserver: request is too large$|larger than max/);
    return true;
  });
  const managedFields = Array.from({ length: 30_000 }, (_, i) => ({ manager: `m${i}`.padEnd(60) }));
  const stored = await create({ metadata: { name: 'a', namespace: 'a', managedFields } });
  assert.equal(stored.metadata?.name, 'a');
});

const tooLong = 'may not be more than 1048576 bytes';
const megabytes = (count: number) => 'v'.repeat(count * 1_000_000);

describe('data – above the bound of its kind and of etcd – is refused as invalid', () => {
  const rows: readonly (readonly [string, ResourceType, object, string])[] = [
    [
      'text',
      configMaps,
      { data: { a: megabytes(2.5) } },
      `ConfigMap "a" is invalid: []: Too long: ${tooLong}`,
    ],
    [
      'bytes',
      configMaps,
      { binaryData: { a: megabytes(2.4) } },
      `ConfigMap "a" is invalid: []: Too long: ${tooLong}`,
    ],
    [
      'a secret',
      secrets,
      { stringData: { a: megabytes(1.2) } },
      `Secret "a" is invalid: data: Too long: ${tooLong}`,
    ],
  ];
  for (const [what, type, content, message] of rows) {
    test(what, async (t) => {
      const server = await startTestServer();
      t.after(() => server.stop());
      const object = { metadata: { name: 'a', namespace: 'a' }, ...content } as KubeObject;
      await assert.rejects(server.client.create(type, object), (error: StatusError) => {
        assert.deepEqual([error.status.code, error.message], [422, message]);
        return true;
      });
    });
  }
});
