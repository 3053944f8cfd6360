import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateSigningRequests, nodes } from '#api/generated/kinds.gen.ts';
import type { CertificateSigningRequest as Request } from '#api/generated/types.gen.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { storedMetadata } from '#testing/objects.ts';
import { signers } from './requests.ts';
import { servingApproving } from './serving-approving.ts';

const ofNode = {
  commonName: 'system:node:n',
  organizations: ['system:nodes'],
  dnsNames: ['n'],
  ipAddresses: ['192.0.2.7'],
  emailAddresses: [],
  uris: [],
};
const spec: Request['spec'] = {
  request: '',
  signerName: signers.kubeletServing,
  usages: ['digital signature', 'server auth'],
  username: 'system:node:n',
  groups: ['system:nodes', 'system:authenticated'],
};

interface Row {
  readonly asked?: Partial<typeof ofNode>;
  readonly spec?: Partial<Request['spec']>;
  readonly address?: string;
  readonly status?: Request['status'];
  readonly isApproved?: boolean;
}

const rows: Record<string, Row> = {
  'of the node itself': { isApproved: true },
  'with an address that its Node does not have': { address: '192.0.2.8' },
  'with the name of another node': { asked: { dnsNames: ['other'] } },
  'for another node': { asked: { commonName: 'system:node:other' } },
  'of a user who is no node': { spec: { username: 'jane' } },
  'of a user outside the group of nodes': { spec: { groups: ['system:authenticated'] } },
  'to another signer': { spec: { signerName: signers.kubeletClient } },
  'for a client certificate': { spec: { usages: ['digital signature', 'client auth'] } },
  'that is denied': { status: { conditions: [{ type: 'Denied', status: 'True' }] } },
};
for (const [name, row] of Object.entries(rows)) {
  test(`a request for a serving certificate – ${name} – is ${row.isApproved ? 'approved' : 'left alone'}`, async () => {
    const controller = new DryController(
      servingApproving({ read: async () => ({ ...ofNode, ...row.asked }) }),
    );
    controller.put(nodes, {
      metadata: storedMetadata('n'),
      status: { addresses: [{ type: 'InternalIP', address: row.address ?? '192.0.2.7' }] },
    });
    controller.put(certificateSigningRequests, {
      metadata: storedMetadata('r'),
      spec: { ...spec, ...row.spec },
      status: row.status ?? {},
    });
    const { actions } = await controller.plan('r');
    assert.deepEqual(
      actions.map((step) => step.do === 'update' && step.subresource),
      row.isApproved ? ['approval'] : [],
    );
  });
}
