/** The repair of addresses and node ports in a running API server. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { events, ipAddresses, services } from '#api/generated/kinds.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';

const namespace = 'default';

test('the address object of a service – deleted by a user – is made again within three minutes, with an event', async () => {
  const clock = new VirtualClock();
  await using api = await startTestServer({ setup: 'kubernetes', env: { clock } });
  const { client } = api;
  const web = await client.create(services, {
    metadata: { name: 'web', namespace },
    spec: { ports: [{ port: 80 }] },
  });
  const name = web.spec!.clusterIP!;
  await client.delete(ipAddresses, { name });
  await clock.advance(181_000);
  assert.equal((await client.get(ipAddresses, { name })).spec?.parentRef.name, 'web');
  const recorded = (await client.list(events, { namespace })).items;
  assert.deepEqual(
    recorded.map(({ reason, message, source }) => [source?.component, reason, message]),
    [
      [
        'ipallocator-repair-controller',
        'ClusterIPNotAllocated',
        `Cluster IP [IPv4]: ${name} is not allocated; repairing`,
      ],
    ],
  );
});

test('an address object – without a service – is deleted after a minute', async () => {
  const clock = new VirtualClock();
  await using api = await startTestServer({ setup: 'kubernetes', env: { clock } });
  const { client } = api;
  const labels = {
    'ipaddress.kubernetes.io/ip-family': 'IPv4',
    'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
  };
  const parentRef = { resource: 'services', namespace, name: 'never' };
  await client.create(ipAddresses, { metadata: { name: '10.96.9.9', labels }, spec: { parentRef } });
  await clock.advance(59_000);
  await client.get(ipAddresses, { name: '10.96.9.9' });
  await clock.advance(3_000);
  await assert.rejects(
    client.get(ipAddresses, { name: '10.96.9.9' }),
    (error) => error instanceof StatusError && error.code === 404,
  );
});

test('services of a store – without allocations – have theirs before the next server gives out any', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client, store, server } = api;
  const ports = [{ port: 80, nodePort: 31111 }];
  const web = await client.create(services, {
    metadata: { name: 'web', namespace },
    spec: { type: 'NodePort', ports },
  });
  await server.stop();
  const name = web.spec!.clusterIP!;
  const keys = [`/registry/ipaddresses/${name}`, '/registry/ranges/servicenodeports'];
  await store.commit({ compare: [], ops: keys.map((key) => ({ type: 'delete', key })) });
  await using next = await api.another();
  const again = next.client;
  assert.equal((await again.get(ipAddresses, { name })).spec?.parentRef.name, 'web');
  const other = { metadata: { name: 'other', namespace }, spec: { type: 'NodePort', ports } };
  await assert.rejects(again.create(services, other), /provided port is already allocated$/);
});
