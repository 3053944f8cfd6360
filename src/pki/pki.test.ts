import assert from 'node:assert/strict';
import { createHash, createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { connect, createServer, type PeerCertificate, type TLSSocket } from 'node:tls';
import { parse } from 'yaml';
import { systemClock, systemRandom } from '#host/system-env.ts';
import { generateKeyPem, publicKeyPin } from './certificate.ts';
import { kubeconfig, kubeconfigYaml } from './kubeconfig.ts';
import { ensurePki, memoryPkiStore } from './pki.ts';

const env = { clock: systemClock, random: systemRandom };

test('a TLS server and a client – with issued certificates – trust each other', async (t) => {
  const pki = await ensurePki({ ...env, store: memoryPkiStore(), serverAddresses: ['192.0.2.7'] });
  const server = createServer({
    cert: pki.server.certPem,
    key: pki.server.keyPem,
    ca: pki.ca.certPem,
    requestCert: true,
    rejectUnauthorized: true,
  });
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'secureConnection') as Promise<[TLSSocket]>;
  const admin = pki.admin();
  const socket = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    servername: 'kubernetes.default.svc',
    ca: pki.ca.certPem,
    cert: admin.certPem,
    key: admin.keyPem,
  });
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  const [peer] = await accepted;
  const subject = (peer.getPeerCertificate() as PeerCertificate).subject;
  assert.equal(socket.authorized, true);
  assert.equal(peer.authorized, true);
  assert.equal(subject.CN, 'kubernetes-admin');
  assert.equal(subject.O, 'system:masters');
  peer.destroy();
});

test('the serving certificate – of the API server – contains every name and address it is reached by', async (t) => {
  const pki = await ensurePki({ ...env, store: memoryPkiStore(), serverAddresses: ['192.0.2.7', 'fd00::5'] });
  const certificate = new X509Certificate(pki.server.certPem);
  for (const name of ['kubernetes', 'kubernetes.default.svc.cluster.local', 'localhost']) {
    await t.test(name, () => {
      assert.equal(certificate.checkHost(name), name);
    });
  }
  for (const address of ['127.0.0.1', '10.96.0.1', '192.0.2.7', 'fd00::5']) {
    await t.test(address, () => {
      assert.equal(certificate.checkIP(address), address);
    });
  }
  assert.equal(certificate.checkHost('example.org'), undefined);
});

test('certificates – near their end, or without a needed name – are issued again, otherwise kept', async () => {
  const store = memoryPkiStore();
  const first = await ensurePki({ ...env, store });
  const firstAdmin = first.admin().certPem;
  const again = await ensurePki({ ...env, store });
  assert.equal(again.server.certPem, first.server.certPem);
  assert.equal(again.admin().certPem, firstAdmin);

  const moved = await ensurePki({ ...env, store, serverAddresses: ['198.51.100.3'] });
  assert.notEqual(moved.server.certPem, first.server.certPem);
  assert.equal(moved.ca.certPem, first.ca.certPem);

  const later = { ...systemClock, now: () => Date.now() + 300 * 24 * 3600 * 1000 };
  const renewed = await ensurePki({ ...env, clock: later, store, serverAddresses: ['198.51.100.3'] });
  assert.notEqual(renewed.admin().certPem, firstAdmin);
  assert.equal(renewed.serviceAccountKey.privatePem, first.serviceAccountKey.privatePem);
});

const noPem = 'gar\0bage';

for (const file of ['apiserver.crt', 'apiserver.key', 'front-proxy-client.crt']) {
  test(`a leaf – whose ${file} is damaged – is issued again`, async () => {
    const store = memoryPkiStore();
    await ensurePki({ ...env, store });
    store.write(file, noPem);
    await ensurePki({ ...env, store });
    assert.match(store.read(file)!, /^-----BEGIN /);
  });
}

const lost = undefined;
for (const [what, file, text, message] of [
  ['damaged', 'ca.crt', noPem, 'ca.crt is not a certificate'],
  ['damaged', 'ca.key', noPem, 'ca.key is not a private key'],
  ['damaged', 'front-proxy-ca.key', noPem, 'front-proxy-ca.key is not a private key'],
  ['of another authority', 'ca.key', generateKeyPem(), 'ca.key is not the key of ca.crt'],
  ['lost', 'ca.crt', lost, 'ca.crt is missing, though it has certified others'],
  ['lost', 'ca.key', lost, 'ca.key is missing, though it has certified others'],
  ['damaged', 'sa.key', noPem, 'sa.key is not a private key'],
  ['lost', 'sa.key', lost, 'sa.key is missing, though it has signed tokens'],
] as const) {
  test(`a PKI – whose ${file} is ${what} – is refused and not made again`, async () => {
    const store = memoryPkiStore();
    await ensurePki({ ...env, store });
    const damaged = { ...store, read: (name: string) => (name === file ? text : store.read(name)) };
    await assert.rejects(ensurePki({ ...env, store: damaged }), { name: 'PkiDamageError', message });
  });
}

test('an authority – of a first start that ended between its key and its certificate – is made again', async () => {
  const store = memoryPkiStore();
  store.write('ca.key', generateKeyPem());
  const { ca } = await ensurePki({ ...env, store });
  assert.ok(new X509Certificate(ca.certPem).checkPrivateKey(createPrivateKey(ca.keyPem)));
});

test('a kubeconfig – written as YAML – carries the credentials', async () => {
  const pki = await ensurePki({ ...env, store: memoryPkiStore() });
  const config = kubeconfig({
    clusterName: 'kybern-a: b',
    userName: 'admin',
    server: 'https://127.0.0.1:6443',
    caPem: pki.ca.certPem,
    ...pki.admin(),
  });
  const read = parse(kubeconfigYaml(config));
  assert.deepEqual(read, config);
  assert.equal(
    Buffer.from(config.users[0]!.user['client-key-data']!, 'base64').toString(),
    pki.admin().keyPem,
  );
});

test('a key of any length – its identifier – is the hash of its bits', async (t) => {
  const pki = await ensurePki({ ...env, store: memoryPkiStore() });
  for (const namedCurve of ['P-256', 'P-384', 'P-521']) {
    await t.test(namedCurve, () => {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve });
      const der = publicKey.export({ type: 'spki', format: 'der' });
      const certificate = new X509Certificate(pki.sign({ commonName: 'x', usages: ['clientAuth'] }, der));
      // The uncompressed point: the last bytes of the encoded key, after the byte 4 that marks it.
      const { x, y } = publicKey.export({ format: 'jwk' });
      const point = Buffer.concat([Buffer.of(4), Buffer.from(x!, 'base64url'), Buffer.from(y!, 'base64url')]);
      const identifier = createHash('sha1').update(point).digest();
      assert.ok(certificate.raw.includes(identifier));
    });
  }
});

test('an authority – its pin – is the hash of its public key, as openssl makes it', async () => {
  const pki = await ensurePki({ ...env, store: memoryPkiStore() });
  const key = new X509Certificate(pki.ca.certPem).publicKey.export({ type: 'spki', format: 'der' });
  assert.equal(publicKeyPin(pki.ca.certPem), `sha256:${createHash('sha256').update(key).digest('hex')}`);
});
