import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateSigningRequests, nodes, services } from '#api/generated/kinds.gen.ts';
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
  /** Name of the node. */
  readonly node?: string;
  readonly address?: string;
  readonly status?: Request['status'];
  readonly isApproved?: boolean;
}

const rows: Record<string, Row> = {
  'of the node itself': { isApproved: true },
  'with an address that its Node does not have': { address: '192.0.2.8' },
  'with the name of another node': { asked: { dnsNames: ['other'] } },
  'for another node': { asked: { commonName: 'system:node:other' } },
  'of a node named as the API server': { node: 'kubernetes.default.svc' },
  'of a node named localhost': { node: 'localhost' },
  'with a name among the addresses of its Node': {
    address: 'kubernetes.default.svc.cluster.local',
    asked: { dnsNames: ['kubernetes.default.svc.cluster.local'], ipAddresses: [] },
  },
  'with the address of the API’s Service': { address: '10.96.0.1', asked: { ipAddresses: ['10.96.0.1'] } },
  'with the address of another Node': { address: '192.0.2.9', asked: { ipAddresses: ['192.0.2.9'] } },
  'with a loopback address': { address: '127.0.0.1', asked: { ipAddresses: ['127.0.0.1'] } },
  'of a user who is no node': { spec: { username: 'jane' } },
  'of a user outside the group of nodes': { spec: { groups: ['system:authenticated'] } },
  'to another signer': { spec: { signerName: signers.kubeletClient } },
  'for a client certificate': { spec: { usages: ['digital signature', 'client auth'] } },
  'that is denied': { status: { conditions: [{ type: 'Denied', status: 'True' }] } },
};
for (const [name, row] of Object.entries(rows)) {
  test(`a request for a serving certificate – ${name} – is ${row.isApproved ? 'approved' : 'left alone'}`, async () => {
    const { node = 'n' } = row;
    const own = { commonName: `system:node:${node}`, dnsNames: [node] };
    const controller = new DryController(
      servingApproving({ read: async () => ({ ...ofNode, ...own, ...row.asked }) }),
    );
    controller.put(services, { metadata: storedMetadata('kubernetes'), spec: { clusterIPs: ['10.96.0.1'] } });
    controller.put(nodes, {
      metadata: storedMetadata('another'),
      status: { addresses: [{ type: 'InternalIP', address: '192.0.2.9' }] },
    });
    controller.put(nodes, {
      metadata: storedMetadata(node),
      status: { addresses: [{ type: 'InternalIP', address: row.address ?? '192.0.2.7' }] },
    });
    controller.put(certificateSigningRequests, {
      metadata: storedMetadata('r'),
      spec: { ...spec, username: `system:node:${node}`, ...row.spec },
      status: row.status ?? {},
    });
    const { actions } = await controller.plan('r');
    assert.deepEqual(
      actions.map((step) => step.do === 'update' && step.subresource),
      row.isApproved ? ['approval'] : [],
    );
  });
}
