import 'reflect-metadata';
import assert from 'node:assert/strict';
import { createPrivateKey, webcrypto } from 'node:crypto';
import { test } from 'node:test';
import * as x509 from '@peculiar/x509';
import { systemClock, systemRandom } from '#host/system-env.ts';
import { pemBytes } from '#pki/certificate.ts';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';
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

/** A client certificate whose subject is just these. */
async function certificateOf(authority: { certPem: string; keyPem: string }, subject: x509.JsonName) {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const der = createPrivateKey(authority.keyPem).export({ type: 'pkcs8', format: 'der' });
  const keys = await webcrypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject,
      issuer: new x509.X509Certificate(authority.certPem).subject,
      publicKey: keys.publicKey,
      signingKey: await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']),
      signingAlgorithm: algorithm,
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + 3_600_000),
      extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
    },
    webcrypto as unknown as Parameters<typeof x509.X509CertificateGenerator.create>[1],
  );
  return new Uint8Array(certificate.rawData);
}

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
