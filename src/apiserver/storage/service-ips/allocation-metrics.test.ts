import assert from 'node:assert/strict';
import { test } from 'node:test';
import { services } from '#api/generated/kinds.gen.ts';
import { newService } from '#testing/objects/services.ts';
import { startTestServer } from '#testing/server/test-server.ts';

test('addresses and node ports – given, refused, given back – are counted as upstream counts them', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client } = api;
  const read = async () => {
    const lines = (await api.metrics())
      .split('\n')
      .filter((line) => /^kube_apiserver_(clusterip|nodeport)_allocator_(?!.*_(bucket|sum))/.test(line));
    return lines.map((line) => line.replace(/^kube_apiserver_/, '').replace('cidr="10.96.0.0/16"', 'cidr'));
  };
  const ports = [{ port: 80 }];
  await client.create(services, newService('chosen', { ports, type: 'NodePort' }));
  await client.create(services, newService('named', { ports, clusterIP: '10.96.0.77' }));
  await assert.rejects(
    client.create(services, newService('taken', { ports, clusterIP: '10.96.0.77' })),
    /allocated/,
  );
  await client.create(services, newService('gone', { ports }));
  await client.delete(services, { namespace: 'default', name: 'gone' });
  assert.deepEqual(await read(), [
    'clusterip_allocator_allocated_ips{cidr} 3',
    'clusterip_allocator_available_ips{cidr} 65531',
    'clusterip_allocator_allocation_total{cidr,scope="static"} 2',
    'clusterip_allocator_allocation_total{cidr,scope="dynamic"} 2',
    'clusterip_allocator_allocation_errors_total{cidr,scope="static"} 1',
    'clusterip_allocator_allocation_duration_seconds_count{cidr} 5',
    'nodeport_allocator_allocated_ports 1',
    'nodeport_allocator_available_ports 2767',
  ]);
});
