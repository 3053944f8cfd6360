/** Authorities in files – that change while the server runs. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Agent, request } from 'undici';
import { readClusterConfiguration } from '#api/configuration/cluster-configuration.ts';
import { configMaps } from '#api/generated/kinds.gen.ts';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore, type Pki } from '#pki/pki.ts';
import { startTestServer, type TestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';

const lookMs = 2000;
const published = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };

async function authority(): Promise<Pki> {
  return ensurePki({ ...systemEnv(), clock: new VirtualClock(), store: memoryPkiStore() });
}

async function start(t: TestContext, argument: string, pem: string) {
  const folder = mkdtempSync(join(tmpdir(), 'kybern-authorities-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'ca.crt');
  writeFileSync(path, pem);
  const configuration = readClusterConfiguration({
    apiVersion: 'kybern.dev/v1',
    kind: 'ClusterConfiguration',
    apiServer: { args: { [argument]: path } },
  });
  const clock = new VirtualClock();
  const server = await startTestServer({ setup: 'kubernetes', https: true, env: { clock }, configuration });
  t.after(() => server.stop());
  const change = async (to: string) => {
    writeFileSync(path, to);
    await clock.advance(lookMs);
  };
  return { server, change };
}

function agent(
  t: TestContext,
  { pki }: TestServer,
  { certPem, keyPem }: { certPem: string; keyPem: string },
) {
  const dispatcher = new Agent({ connect: { ca: pki.ca.certPem, cert: certPem, key: keyPem } });
  t.after(() => dispatcher.close());
  return dispatcher;
}

async function ask({ url }: TestServer, dispatcher: Agent, headers: Record<string, string> = {}) {
  const { statusCode, body } = await request(`${url}/api/v1/secrets`, { dispatcher, headers });
  await body.dump();
  return statusCode;
}

test('client-ca-file – exchanged – its new authority is trusted, its old one no more, also on open connections', async (t) => {
  const [old, next] = [await authority(), await authority()];
  const { server, change } = await start(t, 'client-ca-file', old.ca.certPem);
  const [oldAdmin, ownAdmin] = [agent(t, server, old.admin()), agent(t, server, server.pki.admin())];
  assert.deepEqual([await ask(server, oldAdmin), await ask(server, ownAdmin)], [200, 200]);
  assert.equal(await ask(server, agent(t, server, next.admin())), 401);
  await change('no certificate');
  assert.equal(await ask(server, oldAdmin), 200);
  await change(next.ca.certPem);
  const codes = [oldAdmin, ownAdmin, agent(t, server, next.admin()), agent(t, server, old.admin())];
  assert.deepEqual(await Promise.all(codes.map((admin) => ask(server, admin))), [401, 200, 200, 401]);
  const { data } = await server.client.get(configMaps, published);
  assert.equal(data!['client-ca-file'], `${server.pki.ca.certPem.trimEnd()}\n${next.ca.certPem}`);
});

test('requestheader-client-ca-file – exchanged – is what proxies are known by, and what extension servers find', async (t) => {
  const [old, next] = [await authority(), await authority()];
  const { server, change } = await start(t, 'requestheader-client-ca-file', old.frontProxyCa.certPem);
  const jane = { 'x-remote-user': 'jane', 'x-remote-group': 'system:masters' };
  const oldProxy = agent(t, server, old.frontProxyClient);
  assert.equal(await ask(server, oldProxy, jane), 200);
  await change(next.frontProxyCa.certPem);
  assert.equal(await ask(server, oldProxy, jane), 401);
  assert.equal(await ask(server, agent(t, server, next.frontProxyClient), jane), 200);
  const { data } = await server.client.get(configMaps, published);
  assert.equal(data!['requestheader-client-ca-file'], next.frontProxyCa.certPem);
});

test('the published authorities – taken away – are published again', async (t) => {
  const { server } = await start(t, 'client-ca-file', (await authority()).ca.certPem);
  await server.client.delete(configMaps, published);
  await (server.env.clock as VirtualClock).advance(60_000);
  assert.ok((await server.client.get(configMaps, published)).data!['client-ca-file']);
});
