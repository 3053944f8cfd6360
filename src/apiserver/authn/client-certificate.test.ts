import 'reflect-metadata';
import assert from 'node:assert/strict';
import { createPrivateKey, webcrypto } from 'node:crypto';
import { test } from 'node:test';
import * as x509 from '@peculiar/x509';
import { httpsTransport } from '#client/transport/https.ts';
import { systemClock, systemRandom } from '#host/system-env.ts';
import { pem, pemBytes } from '#pki/certificate.ts';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { is401, requestWith } from '../testing/authentication.ts';
import { clientCertificateAuthenticator } from './client-certificate.ts';

test("a client certificate – of the cluster's authority – becomes a user; a foreign or expired one is rejected", async () => {
  let nowMs = Date.now();
  const clock = { ...systemClock, now: () => nowMs };
  const pki = await ensurePki({ clock, random: systemRandom, store: memoryPkiStore() });
  const foreign = await ensurePki({ clock, random: systemRandom, store: memoryPkiStore() });
  const authenticator = clientCertificateAuthenticator({ caPem: pki.ca.certPem, clock });
  const show = (certPem: string) =>
    authenticator.authenticate(requestWith(), { clientCertificate: pemBytes(certPem) });

  const user = await show(pki.node('n1').certPem);
  assert.equal(user?.name, 'system:node:n1');
  assert.deepEqual(user?.groups, ['system:nodes', 'system:authenticated']);
  assert.equal(await authenticator.authenticate(requestWith(), {}), undefined);
  assert.throws(() => show(foreign.admin().certPem), is401);
  assert.throws(() => show(pki.server.certPem), is401);
  const admin = pki.admin().certPem;
  assert.equal((await show(admin))?.name, 'kubernetes-admin');
  assert.equal((await show(admin))?.name, 'kubernetes-admin');
  nowMs += 400 * 24 * 3600 * 1000;
  assert.throws(() => show(admin), is401);
});

const forClients = new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]);

/** A client certificate whose subject is just these. */
async function certificateOf(authority: { certPem: string; keyPem: string }, subject: x509.JsonName) {
  return (await issued(authority, subject, [forClients])).der;
}

async function issued(
  authority: { certPem: string; keyPem: string },
  subject: x509.JsonName,
  extensions: x509.Extension[],
) {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const der = createPrivateKey(authority.keyPem).export({ type: 'pkcs8', format: 'der' });
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject,
      issuer: new x509.X509Certificate(authority.certPem).subject,
      publicKey: keys.publicKey,
      signingKey: await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']),
      signingAlgorithm: algorithm,
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + 3_600_000),
      extensions,
    },
    webcrypto as unknown as Parameters<typeof x509.X509CertificateGenerator.create>[1],
  );
  const keyDer = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return {
    der: new Uint8Array(certificate.rawData),
    certPem: certificate.toString('pem'),
    keyPem: pem('PRIVATE KEY', keyDer),
  };
}

const isAuthority = new x509.BasicConstraintsExtension(true, undefined, true);

test('a client certificate – of an intermediate authority – is accepted with the chain that leads to the authority', async () => {
  const pki = await ensurePki({ clock: systemClock, random: systemRandom, store: memoryPkiStore() });
  const upper = await issued(pki.ca, [{ CN: ['upper'] }], [isAuthority]);
  const lower = await issued(upper, [{ CN: ['lower'] }], [isAuthority]);
  const leaf = await issued(lower, [{ CN: ['jane'] }], [forClients]);
  const show = (clientCertificate: Uint8Array, ...clientChain: readonly Uint8Array[]) => {
    const authenticator = clientCertificateAuthenticator({ caPem: pki.ca.certPem, clock: systemClock });
    return authenticator.authenticate(requestWith(), { clientCertificate, clientChain });
  };
  assert.equal((await show(leaf.der, lower.der, upper.der))?.name, 'jane');
  assert.equal((await show(leaf.der, upper.der, lower.der))?.name, 'jane');
  assert.throws(() => show(leaf.der, lower.der), is401);
  assert.throws(() => show(leaf.der), is401);
  const notAuthority = await issued(pki.ca, [{ CN: ['plain'] }], [forClients]);
  const forged = await issued(notAuthority, [{ CN: ['admin'] }], [forClients]);
  assert.throws(() => show(forged.der, notAuthority.der), is401);
  const forServers = new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]);
  const serverAuthority = await issued(pki.ca, [{ CN: ['servers'] }], [isAuthority, forServers]);
  const misused = await issued(serverAuthority, [{ CN: ['admin'] }], [forClients]);
  assert.throws(() => show(misused.der, serverAuthority.der), is401);
});

test('a client over HTTPS – that sends its chain – is known; without the chain it is not', async () => {
  await using api = await startTestServer({ https: true });
  const upper = await issued(api.pki.ca, [{ CN: ['upper'] }], [isAuthority]);
  const leaf = await issued(upper, [{ CN: ['jane'] }], [forClients]);
  const whoAmI = async (cert: string) => {
    const transport = httpsTransport({ server: api.url, ca: api.pki.ca.certPem, cert, key: leaf.keyPem });
    const { status } = await transport.request({ method: 'GET', path: '/api/v1/namespaces', headers: {} });
    await transport.close();
    return status;
  };
  assert.deepEqual(
    [await whoAmI(`${leaf.certPem}\n${upper.certPem}`), await whoAmI(leaf.certPem)],
    [200, 401],
  );
});

test('a subject – with several attributes of a kind – has the last name, every organisation, and a single UID', async () => {
  const pki = await ensurePki({ clock: systemClock, random: systemRandom, store: memoryPkiStore() });
  const authenticator = clientCertificateAuthenticator({ caPem: pki.ca.certPem, clock: systemClock });
  const show = async (subject: x509.JsonName) => {
    const clientCertificate = await certificateOf(pki.ca, subject);
    return authenticator.authenticate(requestWith(), { clientCertificate });
  };
  const uid = '1.3.6.1.4.1.57683.2';
  const user = await show([{ CN: ['first'] }, { O: ['a'] }, { CN: ['last'] }, { O: ['b'] }]);
  assert.equal(user?.name, 'last');
  assert.deepEqual(user?.groups, ['a', 'b', 'system:authenticated']);
  assert.equal(user?.uid, undefined);
  assert.equal((await show([{ CN: ['x'] }, { [uid]: ['7'] }]))?.uid, '7');
  await assert.rejects(show([{ CN: ['x'] }, { [uid]: ['7'] }, { [uid]: ['8'] }]), is401);
  assert.equal(await show([{ O: ['a'] }]), undefined);
});

/** Self-signed, and without a key identifier, which would say which of two authorities of one name has signed. */
async function authorityOf(notAfterMs: number) {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=rotated',
      keys,
      signingAlgorithm: algorithm,
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(notAfterMs),
      extensions: [new x509.BasicConstraintsExtension(true)],
    },
    webcrypto as unknown as Parameters<typeof x509.X509CertificateGenerator.createSelfSigned>[1],
  );
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return {
    certPem: certificate.toString('pem'),
    keyPem: String(key.export({ type: 'pkcs8', format: 'pem' })),
  };
}

test('client certificates – of two authorities of one name, as in a rotation – are accepted while their authority is valid', async () => {
  let nowMs = Date.now();
  const clock = { ...systemClock, now: () => nowMs };
  const old = await authorityOf(nowMs + 600_000);
  const next = await authorityOf(nowMs + 9_000_000);
  const caPem = `${old.certPem}\n${next.certPem}\n`;
  const authenticator = clientCertificateAuthenticator({ caPem, clock });
  const show = (clientCertificate: Uint8Array) =>
    authenticator.authenticate(requestWith(), { clientCertificate });
  const [ofOld, ofNext] = [
    await certificateOf(old, [{ CN: ['a'] }]),
    await certificateOf(next, [{ CN: ['b'] }]),
  ];
  assert.equal((await show(ofOld))?.name, 'a');
  assert.equal((await show(ofNext))?.name, 'b');
  nowMs += 700_000;
  assert.throws(() => show(ofOld), is401);
  assert.equal((await show(ofNext))?.name, 'b');
});
