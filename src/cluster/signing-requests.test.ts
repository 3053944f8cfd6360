/** A cluster's certificate signing requests, from their creation to the certificate. */

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { certificateSigningRequests } from '#api/generated/kinds.gen.ts';
import { systemEnv } from '#host/system-env.ts';
import { eventually } from '#testing/client-suite.ts';
import { base64, signingRequestPem } from '#testing/objects/signing-requests.ts';
import { startCluster } from './cluster.ts';

test('a cluster – a user’s request that is approved, and a kubelet’s that needs no approval – are signed', async (t) => {
  await using cluster = await startCluster();
  const { client } = cluster;
  const create = async (name: string, subject: string, signerName: string) =>
    client.create(certificateSigningRequests, {
      metadata: { name },
      spec: {
        request: base64(await signingRequestPem(subject)),
        signerName: `kubernetes.io/${signerName}`,
        username: 'another-user',
        usages: ['client auth', 'digital signature'],
      },
    });
  const made = await create('jane', 'CN=jane, O=dev', 'kube-apiserver-client');
  await create('kubelet', 'CN=system:node:n, O=system:nodes', 'kube-apiserver-client-kubelet');
  const conditions = [{ type: 'Approved', status: 'True', reason: 'r', message: 'm' }];
  await client.update(
    certificateSigningRequests,
    { ...made, status: { conditions } },
    { subresource: 'approval' },
  );
  for (const [name, subject, reason] of [
    ['jane', 'CN=jane\nO=dev', 'r'],
    ['kubelet', 'CN=system:node:n\nO=system:nodes', 'AutoApproved'],
  ] as const) {
    await t.test(name, async () => {
      const { spec, status } = await eventually(systemEnv(), `the certificate of ${name}`, async () => {
        const request = await client.get(certificateSigningRequests, { name });
        return request.status?.certificate ? request : undefined;
      });
      assert.equal(new X509Certificate(Buffer.from(status!.certificate!, 'base64')).subject, subject);
      assert.equal(status!.conditions![0]!.reason, reason);
      assert.equal(spec.username, 'system:apiserver');
    });
  }
});
