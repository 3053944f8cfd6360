import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateSigningRequests } from '#api/generated/kinds.gen.ts';
import type { CertificateSigningRequest as Request } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { storedMetadata } from '#testing/objects.ts';
import { csrApproving } from './approving.ts';
import { signers } from './requests.ts';

const node = {
  commonName: 'system:node:n',
  organizations: ['system:nodes'],
  dnsNames: [],
  ipAddresses: [],
  emailAddresses: [],
  uris: [],
};

function request(spec: Partial<Request['spec']> = {}, status: Request['status'] = {}): Stored<Request> {
  const usages = ['client auth', 'digital signature'];
  const asked = { request: '', signerName: signers.kubeletClient, usages, username: 'bootstrapper' };
  return { metadata: storedMetadata('r'), spec: { ...asked, ...spec }, status };
}

const approval = ['approve if the user may create such requests of CertificateSigningRequest r'];
const rows: [string, Stored<Request>, string[], string[]][] = [
  ['of a new kubelet', request(), approval, ['nodeclient']],
  [
    'of the kubelet itself',
    request({ username: 'system:node:n' }),
    approval,
    ['selfnodeclient', 'nodeclient'],
  ],
  ['to another signer', request({ signerName: signers.client }), [], []],
  ['with other usages', request({ usages: ['server auth'] }), [], []],
  ['that is denied', request({}, { conditions: [{ type: 'Denied', status: 'True' }] }), [], []],
];
for (const [name, object, printed, asked] of rows) {
  test(`a request ${name} – ${asked.join(', ') || 'is left alone'}`, async () => {
    const controller = new DryController(csrApproving({ read: async () => node }));
    controller.put(certificateSigningRequests, object);
    const { actions } = await controller.plan('r');
    assert.equal(actions.length, printed.length);
    const [step] = actions;
    const data =
      step?.do === 'special' ? (step.data as { recognizers: { subresource: string }[] }) : undefined;
    assert.deepEqual(data?.recognizers.map(({ subresource }) => subresource) ?? [], asked);
  });
}
