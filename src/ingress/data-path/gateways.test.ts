/** Gateways from their objects to what clients get: a real API server in this process, and a real HAProxy. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { endpointSlices, namespaces, secrets } from '#api/generated/kinds.gen.ts';
import { sleep } from '#base/clock.ts';
import type { Client } from '#client/client.ts';
import { createInformers } from '#client/informers/informers.ts';
import { systemEnv } from '#host/system-env.ts';
import { installGatewayKinds } from '#ingress/gateways/install.ts';
import { gateways, type ListenerSpec } from '#ingress/gateways/kinds.ts';
import { startIngress } from '#ingress/start-ingress.ts';
import { issueAuthority } from '#pki/certificate.ts';
import { gatewayOf } from '#testing/objects/gateway-view.ts';
import { startTestServer } from '#testing/server/test-server.ts';

/** Of this machine, and none of the loopback's, which an EndpointSlice cannot have. */
const address = '192.0.2.230';
const changeAddress = (action: 'add' | 'del') =>
  execFileSync('ip', ['address', action, `${address}/32`, 'dev', 'lo']);
const env = systemEnv();
const pair = issueAuthority({
  commonName: 'a.com',
  serial: new Uint8Array([1]),
  notBeforeMs: Date.UTC(2026, 0),
  notAfterMs: Date.UTC(2046, 0),
  usages: [],
});

before(() => changeAddress('add'));
after(() => changeAddress('del'));

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function createGateway(client: Client, name: string, listener: ListenerSpec): Promise<void> {
  const { spec } = gatewayOf(listener);
  await client.create(gateways, { metadata: { name, namespace: 'default' }, spec });
}

/** The port of the node behind the Gateway's Service. */
async function portOf(client: Client, name: string): Promise<number | undefined> {
  const { items } = await client.list(endpointSlices, { namespace: 'default' });
  return items.find(({ metadata }) => metadata.name === `gateway-${name}`)?.ports?.[0]?.port;
}

/** On a connection of its own. */
function ask(port: number): Promise<number | string> {
  return new Promise((resolve) => {
    const sent = request({ host: address, port, agent: false }, (got) => {
      got.resume();
      resolve(got.statusCode ?? 0);
    });
    sent.on('error', ({ message }) => resolve(message));
    sent.end();
  });
}

async function eventually<T>(found: () => Promise<T | undefined>): Promise<T> {
  const until = env.clock.monotonicMs() + 20_000;
  while (env.clock.monotonicMs() < until) {
    const value = await found();
    if (value !== undefined) return value;
    await sleep(env.clock, 20);
  }
  throw new Error('not within 20 seconds');
}

test('Gateways – that come together, plain and with TLS – are each served by a port of their own', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'kybern-ingress-'));
  await using api = await startTestServer({ env, customResources: true });
  const { client } = api;
  await client.create(namespaces, { metadata: { name: 'default' } });
  await installGatewayKinds(client, env.clock);
  await client.create(secrets, {
    metadata: { name: 'pair', namespace: 'default' },
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': btoa(pair.certPem), 'tls.key': btoa(pair.keyPem) },
  });
  const tls = { certificateRefs: [{ name: 'pair' }] };
  await createGateway(client, 'plain', { name: 'http', port: 80, protocol: 'HTTP' });
  await createGateway(client, 'tls', { name: 'https', port: 443, protocol: 'HTTPS', tls });
  const informers = createInformers(client, env);
  const entrance = {
    address,
    plainPort: await freePort(),
    tlsPort: await freePort(),
    certificate: pair.keyPem + pair.certPem,
    cookieKey: 'key',
  };
  const ingress = startIngress({
    ...{ env, client, informers, entrance },
    ...{ dataDir: join(dir, 'data'), runDir: dir },
  });
  try {
    const plainPort = await eventually(() => portOf(client, 'plain'));
    const tlsPort = await eventually(() => portOf(client, 'tls'));
    assert.notEqual(plainPort, tlsPort);
    // The Service is written when the proxy listens: from then on every connection is answered.
    const statuses = await Promise.all(Array.from({ length: 20 }, () => ask(plainPort)));
    assert.deepEqual([...new Set(statuses)], [404]);
  } finally {
    await ingress.stop();
    informers.stop();
    rmSync(dir, { recursive: true });
  }
});
