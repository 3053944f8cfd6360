import 'reflect-metadata';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { certificateSigningRequests as requests } from '#api/generated/kinds.gen.ts';
import { testAdmission } from '../../testing/admission.ts';
import { certificateSubjectRestriction } from './subject-restriction.ts';

const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const keys = await crypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']);

async function asking(signerName: string, subject: string) {
  const made = await Pkcs10CertificateRequestGenerator.create({ name: subject, keys, signingAlgorithm });
  const request = Buffer.from(made.toString('pem')).toString('base64');
  return { metadata: { name: 'r' }, spec: { signerName, request } };
}

const client = 'kubernetes.io/kube-apiserver-client';
const masters = await asking(client, 'CN=u, O=system:masters');

testAdmission('CertificateSubjectRestriction', () => certificateSubjectRestriction, [
  {
    name: 'a client certificate of system:masters – it is refused',
    type: requests,
    object: masters,
    refusal: `403 certificatesigningrequests.certificates.k8s.io "r" is forbidden: use of ${client} signer with system:masters group is not allowed`,
  },
  {
    name: 'a client certificate of another group – it is admitted',
    type: requests,
    object: await asking(client, 'CN=u, O=system:nodes'),
  },
  {
    name: 'system:masters of another signer – it is admitted',
    type: requests,
    object: await asking('example.com/s', 'CN=u, O=system:masters'),
  },
  {
    name: 'a request that exists – it is admitted',
    type: requests,
    operation: 'UPDATE',
    object: masters,
    old: masters,
  },
]);
