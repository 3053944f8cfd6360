import { certificateSigningRequests as requests } from '#api/generated/kinds.gen.ts';
import { signers, testAdmission } from '../../testing/admission.ts';
import { certificateSigning } from './signing.ts';

const conditions = [{ type: 'Approved', status: 'True' }];
const old = { metadata: { name: 'r' }, spec: { signerName: 'example.com/s' }, status: { conditions } };
const signed = { ...old, status: { conditions, certificate: 'Y2VydA==' } };
const status = { type: requests, operation: 'UPDATE', subresource: 'status', object: signed, old } as const;
const refusal =
  '403 certificatesigningrequests.certificates.k8s.io "r" is forbidden: user not permitted to sign requests with signerName "example.com/s"';

testAdmission('CertificateSigning, of who may sign nothing', () => certificateSigning(signers()), [
  { name: 'a certificate – it is refused', ...status, refusal },
  { name: 'a condition – it is refused', ...status, object: { ...old, status: {} }, refusal },
  {
    name: 'a status with neither changed – it is admitted',
    ...status,
    object: { ...old, metadata: { name: 'r', labels: { a: 'b' } } },
  },
  { name: 'the approval – it is admitted', ...status, subresource: 'approval' },
]);

testAdmission(
  'CertificateSigning, of who may sign for the signer',
  () => certificateSigning(signers('sign example.com/s')),
  [{ name: 'a certificate – it is admitted', ...status }],
);

testAdmission(
  'CertificateSigning, of who may only approve',
  () => certificateSigning(signers('approve example.com/s')),
  [{ name: 'a certificate – it is refused', ...status, refusal }],
);
