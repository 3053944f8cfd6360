/**
 * A kubelet changes only its own node, lease and resource slices, creates only mirror pods of its own,
 * deletes or evicts only pods bound to it, and asks for certificates in its own name. Reads: Pod, Node,
 * ResourceSlice. Upstream: NodeRestriction.
 */

import { pods } from '#api/generated/kinds.gen.ts';
import type { CertificateSigningRequest, TokenRequest } from '#api/generated/types.gen.ts';
import { groupResource } from '#api/meta/resource.ts';
import { forbidden, notFound } from '#api/meta/status.ts';
import { ownValue } from '#base/own-value.ts';
import { errorText } from '#base/text/error-text.ts';
import { nodeNameOf } from '../../authz/node.ts';
import { type AdmissionAttributes, type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObject } from '../../contract/typed-reader.ts';
import { type Check, refuse } from './check.ts';
import { nodeChecks } from './node.ts';
import { objectChecks } from './objects.ts';
import { podChecks } from './pods.ts';

const leaseNamespace = 'kube-node-lease';

export function nodeRestriction(reader: ObjectReader): AdmissionPlugin {
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
      return admitNode(reader, node, attributes);
    },
  });
}

function admitNode(
  reader: ObjectReader,
  node: string,
  attributes: AdmissionAttributes,
): Promise<void> | void {
  const { type, subresource } = attributes;
  const resource = groupResource(type);
  return ownValue(checks, subresource ? `${resource}/${subresource}` : resource)?.(reader, node, attributes);
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

function admitToken(reader: ObjectReader, node: string, attributes: AdmissionAttributes): void {
  const ref = (attributes.object as TokenRequest | undefined)?.spec?.boundObjectRef;
  if (ref?.apiVersion !== 'v1' || ref.kind !== 'Pod' || !ref.name) {
    throw refuse(attributes, 'node requested token not bound to a pod');
  }
  if (!ref.uid) throw refuse(attributes, 'node requested token with a pod binding without a uid');
  const pod = readObject(reader, pods, attributes.namespace, ref.name);
  if (!pod) throw notFound(pods, ref.name);
  if (pod.metadata?.uid !== ref.uid) {
    throw refuse(
      attributes,
      `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  if (pod.spec?.nodeName !== node) {
    throw refuse(attributes, 'node requested token bound to a pod scheduled on a different node');
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
const checks: Readonly<Record<string, Check>> = {
  ...podChecks,
  ...nodeChecks,
  ...objectChecks,
  'certificatesigningrequests.certificates.k8s.io': admitCertificateRequest,
  'leases.coordination.k8s.io': admitLease,
  'csinodes.storage.k8s.io': admitCsiNode,
  'serviceaccounts/token': admitToken,
};
