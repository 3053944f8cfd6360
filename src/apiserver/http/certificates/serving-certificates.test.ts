/** Which certificate and which protocol clients get, by the arguments of the API server. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { readClusterConfiguration } from '#api/configuration/cluster-configuration.ts';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore, type Pki } from '#pki/pki.ts';
import { startTestServer, type TestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';

async function start(t: TestContext, args: object): Promise<TestServer> {
  const configuration = readClusterConfiguration({
    apiVersion: 'kybern.dev/v1',
    kind: 'ClusterConfiguration',
    apiServer: { args },
  });
  const env = { clock: new VirtualClock() };
  const server = await startTestServer({ setup: 'kubernetes', https: true, env, configuration });
  t.after(() => server.stop());
  return server;
}

async function connected({ port }: TestServer, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  await once(socket, 'secureConnect');
  socket.on('error', () => {});
  socket.end();
  return socket;
}

async function commonName(server: TestServer, servername = ''): Promise<string> {
  const socket = await connected(server, { servername });
  return String(socket.getPeerCertificate().subject.CN);
}

/** Files of a folder that is gone after the test. */
function filesIn(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'kybern-certificates-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return (name: string) => join(folder, name);
}

async function authority(): Promise<Pki> {
  return ensurePki({ ...systemEnv(), store: memoryPkiStore() });
}

function pair(pki: Pki, commonName: string, ...dnsNames: string[]) {
  return pki.leaf(commonName, { commonName, dnsNames, usages: ['serverAuth'] });
}

const lookMs = 2000;

test('serving certificates in files – when they change – are those of new connections, once key and certificate fit', async (t) => {
  const at = filesIn(t);
  const pki = await authority();
  const write = (name: string, { certPem, keyPem }: { certPem?: string; keyPem?: string }) => {
    if (certPem) writeFileSync(at(`${name}.crt`), certPem);
    if (keyPem) writeFileSync(at(`${name}.key`), keyPem);
  };
  write('main', pair(pki, 'main-1'));
  write('named', pair(pki, 'named-1', 'api.example.com'));
  const server = await start(t, {
    'tls-cert-file': at('main.crt'),
    'tls-private-key-file': at('main.key'),
    'tls-sni-cert-key': [
      `${at('named.crt')},${at('named.key')}`,
      `${at('main.crt')},${at('main.key')}:main.example.com`,
    ],
  });
  const seen = async () => [
    await commonName(server),
    await commonName(server, 'api.example.com'),
    await commonName(server, 'main.example.com'),
    await commonName(server, 'other.example.com'),
  ];
  assert.deepEqual(await seen(), ['main-1', 'named-1', 'main-1', 'main-1']);
  const clock = server.env.clock as VirtualClock;
  const [main, named] = [pair(pki, 'main-2'), pair(pki, 'named-2', 'api.example.com')];
  write('main', { certPem: main.certPem });
  write('named', named);
  await clock.advance(lookMs);
  assert.deepEqual(await seen(), ['main-1', 'named-2', 'main-1', 'main-1']);
  write('main', { keyPem: main.keyPem });
  await clock.advance(lookMs);
  assert.deepEqual(await seen(), ['main-2', 'named-2', 'main-2', 'main-2']);
});

test('a named certificate – asked for with a client certificate – verifies it as the default one does', async (t) => {
  const at = filesIn(t);
  const { certPem, keyPem } = pair(await authority(), 'named', 'api.example.com');
  writeFileSync(at('crt'), certPem);
  writeFileSync(at('key'), keyPem);
  const server = await start(t, { 'tls-sni-cert-key': `${at('crt')},${at('key')}` });
  const admin = server.pki.admin();
  const session = connectHttp2(server.url, {
    servername: 'api.example.com',
    rejectUnauthorized: false,
    cert: admin.certPem,
    key: admin.keyPem,
  });
  t.after(() => session.destroy());
  const stream = session.request({ ':path': '/api/v1/secrets' });
  const [{ ':status': status }] = await once(stream, 'response');
  assert.equal(status, 200);
});

test('serving certificates in files – that OpenSSL does not take – change nothing, and a start with them fails', async (t) => {
  const at = filesIn(t);
  const { certPem, keyPem } = pair(await authority(), 'good', 'api.example.com');
  writeFileSync(at('crt'), certPem);
  writeFileSync(at('key'), keyPem);
  const args = { 'tls-sni-cert-key': `${at('crt')},${at('key')}` };
  const server = await start(t, args);
  const clock = server.env.clock as VirtualClock;
  const badChain = `${certPem}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`;
  writeFileSync(at('crt'), badChain);
  await clock.advance(lookMs);
  assert.equal(await commonName(server, 'api.example.com'), 'good');
  await assert.rejects(start(t, args), { message: /^.*crt and .*key: error:/ });
});

test('a certificate without its key, or with that of another – the start fails and says why', async (t) => {
  const at = filesIn(t);
  const pki = await authority();
  writeFileSync(at('crt'), pair(pki, 'a').certPem);
  writeFileSync(at('key'), pair(pki, 'b').keyPem);
  await assert.rejects(start(t, { 'tls-cert-file': at('crt') }), {
    message: 'tls-cert-file and tls-private-key-file belong together',
  });
  await assert.rejects(start(t, { 'tls-cert-file': at('crt'), 'tls-private-key-file': at('key') }), {
    message: `${at('crt')} and ${at('key')}: tls: private key does not match public key`,
  });
});

test('disable-http2-serving – a client that offers both protocols – gets HTTP/1.1', async (t) => {
  const ALPNProtocols = ['h2', 'http/1.1'];
  const both = await start(t, {});
  assert.equal((await connected(both, { ALPNProtocols })).alpnProtocol, 'h2');
  const onlyHttp1 = await start(t, { 'disable-http2-serving': true });
  assert.equal((await connected(onlyHttp1, { ALPNProtocols })).alpnProtocol, 'http/1.1');
});

for (const [wanted, streams] of [
  [undefined, 1000],
  [0, 1000],
  [7, 7],
] as const) {
  test(`http2-max-streams-per-connection ${wanted} – clients may have ${streams} requests on one connection`, async (t) => {
    const args = wanted === undefined ? {} : { 'http2-max-streams-per-connection': wanted };
    const { url, pki } = await start(t, args);
    const session = connectHttp2(url, { ca: pki.ca.certPem });
    t.after(() => session.destroy());
    const [settings] = await once(session, 'remoteSettings');
    assert.equal(settings.maxConcurrentStreams, streams);
  });
}

test('tls-curve-preferences – a client that has none of them – is not served', async (t) => {
  const server = await start(t, { 'tls-curve-preferences': '24' });
  const socket = await connected(server, { ecdhCurve: 'P-384' });
  assert.equal((socket.getEphemeralKeyInfo() as { name: string }).name, 'secp384r1');
  await assert.rejects(connected(server, { ecdhCurve: 'X25519' }), /handshake failure/);
});

for (const [sharesPort, outcome] of [
  [true, 'listens too'],
  [false, 'EADDRINUSE'],
] as const) {
  test(`permit-port-sharing ${sharesPort} – another listener that would share – ${outcome}`, async (t) => {
    const { port } = await start(t, { 'permit-port-sharing': sharesPort });
    const other = createServer();
    t.after(() => other.close());
    other.listen({ port, host: '127.0.0.1', reusePort: true });
    const event = await once(other, 'listening').then(
      () => 'listens too',
      (error: NodeJS.ErrnoException) => error.code,
    );
    assert.equal(event, outcome);
  });
}
