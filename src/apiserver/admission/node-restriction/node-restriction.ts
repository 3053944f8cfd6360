/**
 * A kubelet changes only its own node, lease and resource slices, creates only mirror pods of its own,
 * deletes or evicts only pods bound to it, and asks for certificates in its own name and for tokens of its own pods. Reads:
 * Pod, Node, ResourceSlice and what `token.ts` reads. Upstream: NodeRestriction.
 */

import type { CertificateSigningRequest } from '#api/generated/types.gen.ts';
import { groupResource } from '#api/meta/resource.ts';
import { forbidden } from '#api/meta/status.ts';
import { ownValue } from '#base/own-value.ts';
import { errorText } from '#base/text/error-text.ts';
import { nodeNameOf } from '../../authz/node/authorizer.ts';
import { type AdmissionAttributes, type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { Authorizer } from '../../contract/authorization.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { type Check, refuse } from './check.ts';
import { nodeChecks } from './node.ts';
import { objectChecks } from './objects.ts';
import { podChecks } from './pods.ts';
import { tokenCheck } from './token.ts';

const leaseNamespace = 'kube-node-lease';

export function nodeRestriction(reader: ObjectReader, authorizer: Authorizer): AdmissionPlugin {
  const checks = { ...fixedChecks, 'serviceaccounts/token': tokenCheck(authorizer) };
  return defineAdmission({
    name: 'NodeRestriction',
    // A user who counts as a node and is none writes nothing at all.
    rules: [{ operations: ['CREATE', 'UPDATE', 'DELETE'], apiGroups: ['*'], resources: ['*/*'] }],
    // With the plugins that change objects, as upstream: before the object is validated.
    mutate(attributes) {
      const node = nodeNameOf(attributes.user);
      if (node === undefined) return;
      if (node === '') {
        const why = `could not determine node from user "${attributes.user.name}"`;
        throw forbidden(attributes.type, attributes.name, why);
      }
      const { type, subresource } = attributes;
      const resource = groupResource(type);
      const check = ownValue(checks, subresource ? `${resource}/${subresource}` : resource);
      return check?.(reader, node, attributes);
    },
  });
}

function admitLease(_reader: ObjectReader, node: string, attributes: AdmissionAttributes): void {
  const name = attributes.name || attributes.object?.metadata?.name;
  if (attributes.namespace !== leaseNamespace) {
    throw refuse(attributes, `can only access leases in the "${leaseNamespace}" system namespace`);
  }
  if (name !== node) {
    throw refuse(attributes, 'can only access node lease with the same name as the requesting node');
  }
}

function admitCsiNode(_reader: ObjectReader, node: string, attributes: AdmissionAttributes): void {
  const name = attributes.name || attributes.object?.metadata?.name;
  if (name !== node) {
    throw refuse(attributes, 'can only access CSINode with the same name as the requesting node');
  }
}

const kubeletSigners = ['kubernetes.io/kubelet-serving', 'kubernetes.io/kube-apiserver-client-kubelet'];

/** A node asks for certificates in its own name alone. */
async function admitCertificateRequest(
  _reader: ObjectReader,
  node: string,
  attributes: AdmissionAttributes,
): Promise<void> {
  if (attributes.operation !== 'CREATE') return;
  const { spec } = attributes.object as object as Partial<CertificateSigningRequest>;
  if (!spec || !kubeletSigners.includes(spec.signerName)) return;
  // Loaded when the first request comes: parsing certificates is rare, and its library is not small.
  const { commonNameOfRequest } = await import('#pki/signing-request.ts');
  let name: string;
  try {
    name = commonNameOfRequest(Buffer.from(spec.request ?? '', 'base64').toString());
  } catch (error) {
    throw refuse(attributes, `unable to parse csr: ${errorText(error)}`);
  }
  if (name === `system:node:${node}`) return;
  throw refuse(attributes, `can only create a node CSR with CN=system:node:${node}`);
}

/** By resource, with its group, and subresource. */
const fixedChecks: Readonly<Record<string, Check>> = {
  ...podChecks,
  ...nodeChecks,
  ...objectChecks,
  'certificatesigningrequests.certificates.k8s.io': admitCertificateRequest,
  'leases.coordination.k8s.io': admitLease,
  'csinodes.storage.k8s.io': admitCsiNode,
};
