/** Arguments of the HTTPS port and of what is stored, as the whole server obeys them. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import { connect } from 'node:tls';
import { readClusterConfiguration } from '#api/configuration/cluster-configuration.ts';
import { events, services } from '#api/generated/kinds.gen.ts';
import { bodyText } from '#client/transport/body.ts';
import { httpsTransport } from '#client/transport/https.ts';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';
import { newService } from '#testing/objects/services.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';

function start(args: object, more: { https?: boolean; env?: { clock: VirtualClock } } = {}) {
  const configuration = readClusterConfiguration({
    apiVersion: 'kybern.dev/v1',
    kind: 'ClusterConfiguration',
    apiServer: { args },
  });
  return startTestServer({ setup: 'kubernetes', configuration, ...more });
}

test('a client certificate – of an authority in client-ca-file – is known, and the cluster’s own still is', async (t: TestContext) => {
  const folder = mkdtempSync(`${tmpdir()}/kybern-ca-`);
  t.after(() => rmSync(folder, { recursive: true }));
  const other = await ensurePki({ ...systemEnv(), store: memoryPkiStore() });
  writeFileSync(`${folder}/ca.pem`, other.ca.certPem);
  await using api = await start({ 'client-ca-file': `${folder}/ca.pem` }, { https: true });
  for (const { certPem: cert, keyPem: key } of [other.admin(), api.pki.admin()]) {
    const transport = httpsTransport({ server: api.url, ca: api.pki.ca.certPem, cert, key });
    t.after(() => transport.close?.());
    const answer = await transport.request({ method: 'GET', path: '/api/v1/nodes', headers: {} });
    assert.equal(answer.status, 200, await bodyText(answer));
  }
});

test('a connection – below tls-min-version – is refused', async () => {
  await using api = await start({ 'tls-min-version': 'VersionTLS13' }, { https: true });
  const version = (maxVersion: 'TLSv1.2' | 'TLSv1.3') =>
    new Promise((resolve) => {
      const socket = connect({ port: api.port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion });
      socket.once('secureConnect', () => resolve(socket.getProtocol()));
      socket.once('error', () => resolve(undefined));
      socket.once('close', () => resolve(undefined));
    });
  assert.equal(await version('TLSv1.2'), undefined);
  assert.equal(await version('TLSv1.3'), 'TLSv1.3');
});

test('a node port – outside of service-node-port-range – is refused, and one inside is given', async () => {
  await using api = await start({ 'service-node-port-range': '40000-40009' });
  const service = (name: string, nodePort?: number) =>
    newService(name, { type: 'NodePort', ports: [{ port: 80, ...(nodePort ? { nodePort } : {}) }] });
  await assert.rejects(
    api.client.create(services, service('a', 30000)),
    /provided port is not in the valid range. The range of valid ports is 40000-40009/,
  );
  const { spec } = await api.client.create(services, service('b'));
  assert.match(String(spec?.ports?.[0]?.nodePort), /^4000\d$/);
});

test('an event – older than event-ttl – is removed', async () => {
  const clock = new VirtualClock();
  await using api = await start({ 'event-ttl': '2m' }, { env: { clock } });
  await api.client.create(events, {
    metadata: { name: 'e', namespace: 'default' },
    involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' },
  });
  await clock.advance(60_000);
  assert.equal((await api.client.list(events)).items.length, 1);
  await clock.advance(240_000);
  assert.equal((await api.client.list(events)).items.length, 0);
});
