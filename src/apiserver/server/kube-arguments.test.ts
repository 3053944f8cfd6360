/** Arguments of the API server that change a little thing each. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ApiServerArguments } from '#api/configuration/api-server-arguments.ts';
import { endpointSlices, endpoints, nodes, services } from '#api/generated/kinds.gen.ts';
import { bodyText } from '#client/transport/body.ts';
import { startTestServer } from '#testing/server/test-server.ts';

async function start(t: TestContext, args: ApiServerArguments, https = false) {
  const server = await startTestServer({ setup: 'kubernetes', https, configuration: { arguments: args } });
  t.after(() => server.stop());
  const read = async (path: string) => {
    const answer = await server.transport.request({ method: 'GET', path, headers: {} });
    return { status: answer.status, text: await bodyText(answer) };
  };
  return { client: server.client, read };
}

const kubernetes = { namespace: 'default', name: 'kubernetes' };

for (const [type, count] of [
  ['lease', 1],
  ['none', 0],
] as const) {
  test(`endpoint-reconciler-type ${type} – the Service kubernetes – has ${count} endpoints of each kind`, async (t) => {
    const { client } = await start(t, { 'endpoint-reconciler-type': type });
    assert.ok(await client.get(services, kubernetes));
    assert.equal((await client.list(endpoints, { namespace: 'default' })).items.length, count);
    assert.equal((await client.list(endpointSlices, { namespace: 'default' })).items.length, count);
  });
}

test('kubernetes-service-node-port – set, and taken back at a later start – is what the Service has', async (t) => {
  const server = await startTestServer({
    setup: 'kubernetes',
    configuration: { arguments: { 'kubernetes-service-node-port': 30443 } },
  });
  t.after(() => server.stop());
  const portOf = async ({ client }: Pick<typeof server, 'client'>) => {
    const { spec } = await client.get(services, kubernetes);
    return [spec?.type, spec?.ports?.[0]?.nodePort];
  };
  assert.deepEqual(await portOf(server), ['NodePort', 30443]);
  const later = await server.another({ setup: 'kubernetes', configuration: {} });
  t.after(() => later.stop());
  assert.deepEqual(await portOf(later), ['ClusterIP', undefined]);
});

for (const [host, url] of [
  ['api.example.com:8443', /^https:\/\/api\.example\.com:8443\/openid\/v1\/jwks$/],
  ['api.example.com', /^https:\/\/api\.example\.com:\d+\/openid\/v1\/jwks$/],
] as const) {
  test(`external-hostname ${host} – the discovery document of tokens – has the keys there`, async (t) => {
    const { read } = await start(t, { 'external-hostname': host }, true);
    const { text } = await read('/.well-known/openid-configuration');
    assert.match(JSON.parse(text).jwks_uri, url);
  });
}

test('disabled-metrics – /metrics – does not show them', async (t) => {
  const { read } = await start(t, { 'disabled-metrics': ['apiserver_request_total'] });
  await read('/version');
  const { text } = await read('/metrics');
  assert.doesNotMatch(text, /^apiserver_request_total\b/m);
  assert.match(text, /^apiserver_request_duration_seconds/m);
});

test('kubelet-preferred-address-types – a node without such an address – is not reached', async (t) => {
  const { client, read } = await start(t, { 'kubelet-preferred-address-types': ['ExternalDNS'] });
  const node = await client.create(nodes, { metadata: { name: 'a' } });
  const addresses = [{ type: 'InternalIP', address: '192.0.2.9' }];
  await client.updateStatus(nodes, { ...node, status: { addresses } });
  const { status, text } = await read('/api/v1/nodes/a/proxy/healthz');
  assert.equal(status, 503, text);
  assert.match(text, /no preferred addresses found; known addresses: \[\], preferred: \[ExternalDNS\]/);
});
