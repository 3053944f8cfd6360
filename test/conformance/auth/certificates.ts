/** CertificateSigningRequests as objects, with their approval and their status. */

import assert from 'node:assert/strict';
import { certificateSigningRequests } from '#api/generated/kinds.gen.ts';
import type { ObjectKey } from '#client/client.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { livesAsObject } from '../shared/object-life.ts';
import { change } from '../shared/workloads.ts';
import { requestAndCertificate } from './signing-request.ts';

const encoded = (text: string) => Buffer.from(text).toString('base64');

/** Approves by patch and by update, then issues by both. */
async function approvesAndIssues(
  { client }: BehaviourContext,
  key: ObjectKey,
  certificate: string,
): Promise<void> {
  const approved = (reason: string) => ({
    type: 'Approved',
    status: 'True' as const,
    reason,
    message: 'set',
  });
  const status = { conditions: [approved('Patched')] };
  const options = { subresource: 'approval' };
  const patched = await client.patch(certificateSigningRequests, key, 'merge', { status }, options);
  assert.equal(patched.status?.conditions?.[0]?.reason, 'Patched');
  const updated = await change(
    client,
    certificateSigningRequests,
    key,
    (object) => {
      object.status = { ...object.status, conditions: [approved('Updated')] };
    },
    'approval',
  );
  assert.equal(updated.status?.conditions?.[0]?.reason, 'Updated');
  assert.equal(updated.status?.certificate, undefined);

  const issued = await client.patch(
    certificateSigningRequests,
    key,
    'merge',
    { status: { certificate } },
    { subresource: 'status' },
  );
  assert.equal(issued.status?.certificate, certificate);
  const failed = { type: 'StatusUpdate', status: 'True' as const, reason: 'E2E', message: 'set' };
  await change(
    client,
    certificateSigningRequests,
    key,
    (object) => {
      object.status!.conditions!.push(failed);
    },
    'status',
  );
  const read = await client.get(certificateSigningRequests, key, 'status');
  assert.deepEqual(
    read.status?.conditions?.map(({ type }) => type),
    ['Approved', 'StatusUpdate'],
  );
}

export const certificates: readonly Behaviour[] = [
  behaviour(
    '[sig-auth] Certificates API [Privileged:ClusterAdmin] should support CSR API operations [Conformance]',
    async (context) => {
      const pem = await requestAndCertificate('e2e');
      const [request, certificate] = [encoded(pem.request), encoded(pem.certificate)];
      const spec = {
        request,
        signerName: 'e2e.example.com/conformance',
        expirationSeconds: 3600,
        usages: ['digital signature', 'key encipherment', 'server auth'],
      };
      await livesAsObject(context, certificateSigningRequests, {
        body: () => ({ spec }),
        subresources: ['approval', 'status'],
        during: (key) => approvesAndIssues(context, key, certificate),
      });
    },
  ),
];
