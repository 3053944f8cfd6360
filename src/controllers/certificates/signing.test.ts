import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { certificateSigningRequests } from '#api/generated/kinds.gen.ts';
import type { CertificateSigningRequest as Request } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { authorityOf } from '#cluster/control-plane/certificate-authority.ts';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { base64, signingRequestPem } from '#testing/objects/signing-requests.ts';
import { storedMetadata } from '#testing/objects.ts';
import { signers } from './requests.ts';
import { csrSigning } from './signing.ts';

const { clock, random } = systemEnv();
const pki = await ensurePki({ clock, random, store: memoryPkiStore() });
const approved = { type: 'Approved', status: 'True' };
const usages = ['client auth', 'digital signature'];

async function request(spec: Partial<Request['spec']>, conditions = [approved]): Promise<Stored<Request>> {
  const pem = await signingRequestPem('CN=jane, O=dev, OU=unit', [
    { type: 'dns', value: 'a.example.com' },
    { type: 'ip', value: '10.0.0.1' },
    { type: 'email', value: 'jane@example.com' },
  ]);
  const asked = { request: base64(pem), signerName: signers.client, usages, username: 'jane' };
  return { metadata: storedMetadata('r'), spec: { ...asked, ...spec }, status: { conditions } };
}

async function statusOf(object: Stored<Request>): Promise<Request['status']> {
  const controller = new DryController(csrSigning(authorityOf(pki)));
  const [step] = (await controller.put(certificateSigningRequests, object).plan('r')).actions;
  if (!step) return undefined;
  assert(step.do === 'updateStatus');
  return (step.object as Request).status;
}

test('an approved request – to a signer of Kubernetes – gets a certificate with the requested names and usages', async (t) => {
  for (const signerName of [signers.client, signers.legacy]) {
    await t.test(signerName, async () => {
      const status = await statusOf(await request({ signerName, expirationSeconds: 3600 }));
      const certificate = new X509Certificate(Buffer.from(status!.certificate!, 'base64'));
      assert.ok(certificate.verify(new X509Certificate(pki.ca.certPem).publicKey));
      assert.equal(certificate.subject, 'CN=jane\nO=dev\nOU=unit');
      assert.equal(
        certificate.subjectAltName,
        'DNS:a.example.com, email:jane@example.com, IP Address:10.0.0.1',
      );
      assert.equal(certificate.ca, false);
      assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2']);
      const livesMs = certificate.validToDate.getTime() - certificate.validFromDate.getTime();
      assert.equal(livesMs, 3600_000 + 5 * 60_000);
      assert.deepEqual(status!.conditions, [approved]);
    });
  }
});

test('an approved request – without an expiration – gets a year', async () => {
  const { certificate } = (await statusOf(await request({})))!;
  const { validToDate, validFromDate } = new X509Certificate(Buffer.from(certificate!, 'base64'));
  assert.equal(validToDate.getTime() - validFromDate.getTime(), 365 * 24 * 3600_000);
});

test('an approved request – that its signer does not sign – fails with the reason', async () => {
  const status = await statusOf(await request({ usages: ['server auth'] }));
  assert.equal(status!.certificate, undefined);
  const { lastUpdateTime, ...failed } = status!.conditions![1]!;
  assert.equal(lastUpdateTime, '2026-01-01T12:00:00Z');
  assert.deepEqual(failed, {
    type: 'Failed',
    status: 'True',
    reason: 'SignerValidationFailure',
    message: 'invalid usage for client certificate: server auth',
  });
});

test('a request – of another signer, not approved, denied, failed or signed – is left alone', async () => {
  const other = (type: string) => ({ type, status: 'True' });
  assert.equal(await statusOf(await request({ signerName: 'example.com/s' })), undefined);
  assert.equal(await statusOf(await request({}, [])), undefined);
  assert.equal(await statusOf(await request({}, [approved, other('Failed')])), undefined);
  assert.equal(await statusOf(await request({}, [other('Denied')])), undefined);
  const signed = await request({});
  assert.equal(await statusOf({ ...signed, status: { ...signed.status, certificate: 'YQ==' } }), undefined);
});
