/**
 * Which endpoints of a service are reached through the API server. The chosen one is a kubelet's, and refused
 * when it is connected to.
 */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { endpointSlices, endpoints, nodes, pods, services } from '#api/generated/kinds.gen.ts';
import type { EndpointAddress, Pod } from '#api/generated/types.gen.ts';
import { adminUser, createDefaultAccount, startTestServer } from '#testing/server/test-server.ts';

const podIp = '192.0.2.9';

async function start(t: TestContext, addresses?: EndpointAddress[]) {
  const api = await startTestServer({ setup: 'kubernetes' });
  t.after(api.stop);
  const { client, server } = api;
  await createDefaultAccount(client);
  const metadata = { name: 'web', namespace: 'default' };
  const pod = await client.create(pods, {
    metadata,
    spec: { containers: [{ name: 'a', image: 'i' }] },
  } as Pod);
  await client.updateStatus(pods, { ...pod, status: { podIP: podIp, podIPs: [{ ip: podIp }] } });
  const node = await client.create(nodes, { metadata: { name: 'n1' } });
  const addressesOfNode = [{ type: 'InternalIP', address: podIp }];
  const daemonEndpoints = { kubeletEndpoint: { Port: 80 } };
  await client.updateStatus(nodes, { ...node, status: { addresses: addressesOfNode, daemonEndpoints } });
  const ports = [{ name: 'http', port: 80, protocol: 'TCP' }];
  await client.create(services, { metadata, spec: { ports } });
  if (addresses) await client.create(endpoints, { metadata, subsets: [{ addresses, ports }] });
  const transport = server.transport(adminUser);
  return {
    client,
    async ask(id: string) {
      const path = `/api/v1/namespaces/default/services/${id}/proxy/`;
      const { status, body } = await transport.request({ method: 'GET', path, headers: {} });
      const { message } = JSON.parse(Buffer.concat([body as Uint8Array].flat()).toString());
      return { status, message };
    },
  };
}

const toPod = { kind: 'Pod', namespace: 'default', name: 'web' };
const isChosen = { status: 400, message: 'address not allowed' };
const none = (id: string) => ({ status: 503, message: `no endpoints available for service "${id}"` });

test('services/proxy – an address of a pod of the namespace – is the one chosen', async (t) => {
  const others = ['192.0.2.1', '192.0.2.2'].map((ip) => ({ ip }));
  const { ask } = await start(t, [...others, { ip: podIp, targetRef: toPod }]);
  for (const id of ['web:http', 'web:80', 'https:web:http']) {
    await t.test(id, async () => {
      assert.deepEqual(await ask(id), isChosen, id);
    });
  }
  assert.deepEqual(await ask('web'), none('web'));
  assert.deepEqual(await ask('http:web:'), none('http:web:'));
  const noPort = { status: 503, message: 'no service port 81 found for service "web"' };
  assert.deepEqual(await ask('web:81'), noPort);
});

for (const [what, address] of [
  ['without a targetRef', { ip: podIp }],
  ['with another address than its pod', { ip: '192.0.2.1', targetRef: toPod }],
  ['of a pod elsewhere', { ip: podIp, targetRef: { ...toPod, namespace: 'kube-system' } }],
  ['of no pod that there is', { ip: podIp, targetRef: { ...toPod, name: 'other' } }],
  ['of a pod without a namespace', { ip: podIp, targetRef: { kind: 'Pod', name: 'web' } }],
] as const) {
  test(`services/proxy – only an address ${what} – 503`, async (t) => {
    const { ask } = await start(t, [address]);
    assert.deepEqual(await ask('web:http'), none('web:http'));
    assert.deepEqual(await ask('http:web:80'), none('http:web:80'));
  });
}

test('services/proxy – Endpoints without a subset – 503 with the name alone', async (t) => {
  const { ask, client } = await start(t);
  await client.create(endpoints, { metadata: { name: 'web', namespace: 'default' } });
  for (const id of ['web:http', 'http:web:80', 'web:other']) assert.deepEqual(await ask(id), none('web'), id);
});

test('services/proxy – a slice but no Endpoints – 404 as upstream, which reads Endpoints only', async (t) => {
  const { ask, client } = await start(t);
  await client.create(endpointSlices, {
    metadata: { name: 'web', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 80 }],
    endpoints: [{ addresses: [podIp], targetRef: toPod }],
  });
  assert.deepEqual(await ask('web:http'), { status: 404, message: 'services "web" not found' });
});
