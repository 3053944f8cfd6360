import { certificateSigningRequests as requests } from '#api/generated/kinds.gen.ts';
import { signers, testAdmission } from '../../testing/admission.ts';
import { certificateApproval } from './approval.ts';

const old = { metadata: { name: 'r' }, spec: { signerName: 'example.com/s' } };
const object = { ...old, status: { conditions: [{ type: 'Approved', status: 'True' }] } };
const approval = { type: requests, operation: 'UPDATE', subresource: 'approval', object, old } as const;
const refusal =
  '403 certificatesigningrequests.certificates.k8s.io "r" is forbidden: user not permitted to approve requests with signerName "example.com/s"';

testAdmission('CertificateApproval, of who may approve nothing', () => certificateApproval(signers()), [
  { name: 'an approval – it is refused', ...approval, refusal },
  { name: 'any other change of the request – it is admitted', ...approval, subresource: '' },
  { name: 'a change of its status – it is admitted', ...approval, subresource: 'status' },
  {
    name: 'the signer of the request as it was counts – it is refused',
    ...approval,
    object: { ...object, spec: { signerName: 'other.com/s' } },
    refusal,
  },
]);

testAdmission(
  'CertificateApproval, of who may approve for the signer',
  () => certificateApproval(signers('approve example.com/s')),
  [{ name: 'an approval – it is admitted', ...approval }],
);

testAdmission(
  'CertificateApproval, of who may approve for all signers of the domain',
  () => certificateApproval(signers('approve example.com/*')),
  [{ name: 'an approval – it is admitted', ...approval }],
);

testAdmission(
  'CertificateApproval, of who may only sign',
  () => certificateApproval(signers('sign example.com/s')),
  [{ name: 'an approval – it is refused', ...approval, refusal }],
);
