import 'reflect-metadata';
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { systemClock, systemRandom } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore } from './pki.ts';
import { organizationsOfRequest, parseSigningRequest } from './signing-request.ts';

test('a signing request – signed by the cluster – yields a certificate for its key', async () => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const name = 'CN=system:node:n1, O=system:nodes';
  const request = await Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: algorithm });
  const pem = request.toString('pem');
  assert.deepEqual(organizationsOfRequest(pem), ['system:nodes']);
  const { commonName, organizations, publicKeyInfo } = await parseSigningRequest(pem);
  const pki = await ensurePki({ clock: systemClock, random: systemRandom, store: memoryPkiStore() });
  const signed = pki.sign({ commonName, organizations, usages: ['clientAuth'] }, publicKeyInfo);
  const certificate = new X509Certificate(signed);
  assert.ok(certificate.verify(new X509Certificate(pki.ca.certPem).publicKey));
  assert.equal(certificate.subject, 'O=system:nodes\nCN=system:node:n1');
  await assert.rejects(parseSigningRequest('nonsense'));
});
