import 'reflect-metadata';
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { describe, test } from 'node:test';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import {
  certificateSigningRequests,
  persistentVolumeClaims,
  pods,
  resourceSlices,
} from '#api/generated/kinds.gen.ts';
import type { PersistentVolumeClaimStatus } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { newClaim } from '#testing/objects/volumes.ts';
import type { AdmissionAttributes, AdmissionOperation } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { nodeRestriction } from './node-restriction.ts';

const node: AnyObject = { kind: 'Node', metadata: { name: 'n1', uid: 'u1' } };
const reader: ObjectReader = {
  list: () => [],
  get: (type, _namespace, name) => (type.kind === 'Node' && name === 'n1' ? node : undefined),
};
const authorizer = { name: 'none', authorize: () => ({ decision: 'noOpinion', reason: '' }) as const };
const plugin = nodeRestriction(reader, authorizer);

interface Asked {
  readonly operation?: AdmissionOperation;
  readonly subresource?: string;
  readonly object?: object;
  readonly oldObject?: object;
}

/** The reason of the denial; undefined when the node is allowed to. */
async function refusal(type: ResourceType, asked: Asked): Promise<string | undefined> {
  try {
    await plugin.mutate!({
      operation: 'CREATE',
      type,
      subresource: '',
      namespace: 'ns',
      name: 'x',
      user: { name: 'system:node:n1', groups: ['system:nodes'] },
      dryRun: false,
      warn() {},
      ...asked,
    } as AdmissionAttributes);
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^.*? is forbidden: /, '');
  }
}

test('resource slices – written by a kubelet – are those of its own node only', async () => {
  const slice = (nodeName?: string) => ({ spec: { nodeName } });
  const why = (verb: string) =>
    `can only ${verb} ResourceSlice with the same NodeName as the requesting node`;
  assert.equal(await refusal(resourceSlices, { object: slice('n1') }), undefined);
  assert.equal(await refusal(resourceSlices, { object: slice('n2') }), why('create'));
  assert.equal(await refusal(resourceSlices, { object: slice() }), why('create'));
  assert.equal(await refusal(resourceSlices, { operation: 'DELETE', oldObject: slice('n1') }), undefined);
  assert.equal(await refusal(resourceSlices, { operation: 'DELETE', oldObject: slice('n2') }), why('delete'));
  assert.equal(
    await refusal(resourceSlices, { operation: 'UPDATE', object: slice('n2'), oldObject: slice('n2') }),
    undefined,
  );
});

test('claims – their status written by a kubelet – may change in what it finds when it expands them', async () => {
  const claim = (status: PersistentVolumeClaimStatus, labels = {}, manager = 'kubelet') =>
    newClaim('x', { metadata: { labels, managedFields: [{ manager }] }, spec: {}, status });
  const update = (object: object, oldObject: object) =>
    refusal(persistentVolumeClaims, { operation: 'UPDATE', subresource: 'status', object, oldObject });
  const old = claim({ phase: 'Bound', capacity: { storage: '1Gi' } });
  assert.equal(await update(claim({ phase: 'Bound', capacity: { storage: '2Gi' } }), old), undefined);
  const pending = { phase: 'Bound', allocatedResourceStatuses: { storage: 'NodeResizeInProgress' } };
  assert.equal(await update(claim(pending, {}, 'other'), old), undefined);
  assert.match(
    (await update(claim({ phase: 'Lost' }), old)) ?? '',
    /^node "n1" is not allowed to update fields other/,
  );
  assert.match(
    (await update(claim({ phase: 'Bound' }, { a: 'b' }), old)) ?? '',
    /is not allowed to update fields/,
  );
  assert.equal(await refusal(persistentVolumeClaims, { object: old }), 'may only update PVC status');
});

describe('mirror pods – created by a kubelet – belong to its node and refer to nothing of the API', () => {
  const owner = { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: 'u1', controller: true };
  const mirror = (spec: object = {}, owners: object[] = [owner]) => ({
    object: {
      metadata: {
        name: 'x',
        annotations: { 'kubernetes.io/config.mirror': 'h' },
        ownerReferences: owners,
      },
      spec: { nodeName: 'n1', ...spec },
    },
  });
  const volume = (source: object) => mirror({ volumes: [{ name: 'v', ...source }] });
  const can = 'node "n1" can only create pods with';
  const reference = 'node "n1" can not create pods that reference';
  const cases: [Asked, string | undefined][] = [
    [mirror(), undefined],
    [volume({ emptyDir: {} }), undefined],
    [volume({ projected: { sources: [{ downwardAPI: {} }] } }), undefined],
    [mirror({}, []), `${can} an owner reference set to itself`],
    [mirror({}, [owner, owner]), `${can} a single owner reference set to itself`],
    [mirror({}, [{ ...owner, controller: false }]), `${can} a controller owner reference set to itself`],
    [
      mirror({}, [{ ...owner, blockOwnerDeletion: true }]),
      'node "n1" must not set blockOwnerDeletion on an owner reference',
    ],
    [mirror({}, [{ ...owner, uid: 'u2' }]), 'node n1 UID mismatch: expected u1 got u2'],
    [mirror({ serviceAccountName: 'sa' }), `${reference} serviceaccounts`],
    [mirror({ resourceClaims: [{ name: 'c' }] }), `${reference} resourceclaims`],
    [volume({ secret: { secretName: 's' } }), `${reference} secrets`],
    [volume({ csi: { driver: 'd' } }), `${reference} csidrivers (via CSI volumes)`],
    [volume({ ephemeral: {} }), `${reference} persistentvolumeclaims (via ephemeral volumes)`],
    [
      volume({ projected: { sources: [{ serviceAccountToken: {} }] } }),
      `${reference} serviceaccounts (via projected volumes)`,
    ],
    [volume({ projected: { sources: [{ clusterTrustBundle: {} }] } }), `${reference} clustertrustbundles`],
  ];
  for (const [asked, expected] of cases) {
    test(expected ?? `created ${JSON.stringify(asked)}`, async () => {
      assert.equal(await refusal(pods, asked), expected);
    });
  }
});

test('certificate requests – of a kubelet, to the signers of kubelets – are in the name of its node alone', async () => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
  const ask = async (name: string, signerName: string) => {
    const made = await Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: algorithm });
    const request = Buffer.from(made.toString('pem')).toString('base64');
    return refusal(certificateSigningRequests, { object: { spec: { signerName, request } } });
  };
  const serving = 'kubernetes.io/kubelet-serving';
  const only = 'can only create a node CSR with CN=system:node:n1';
  assert.equal(await ask('CN=system:node:n1', serving), undefined);
  assert.equal(await ask('CN=system:node:n2', serving), only);
  assert.equal(await ask('CN=system:node:n1, CN=system:node:n2', serving), only);
  assert.equal(await ask('CN=system:node:n2', 'kubernetes.io/kube-apiserver-client'), undefined);
});
