/**
 * A kubelet changes only its own node and lease, creates only mirror pods of its own, and deletes or evicts only
 * pods bound to it. Reads: Pod, Node. Upstream: NodeRestriction.
 */

import { isDeepStrictEqual } from 'node:util';
import { nodes, pods } from '#api/kinds.gen.ts';
import { forbidden, notFound } from '#api/status.ts';
import type { Eviction, Node, Pod, TokenRequest } from '#api/types.gen.ts';
import { nodeNameOf } from '../authz/node.ts';
import { findReferences } from '../authz/pod-references.ts';
import type { AdmissionAttributes, AdmissionPlugin, ObjectReader } from '../contract.ts';
import { readObject } from '../typed-reader.ts';

const mirrorAnnotation = 'kubernetes.io/config.mirror';
const leaseNamespace = 'kube-node-lease';
/** Labels of the reserved domains that a kubelet may set on its own node. */
const kubeletLabels = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/arch',
  'kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
]);
const kubeletDomains = ['kubelet.kubernetes.io', 'node.kubernetes.io'];

export function nodeRestriction(reader: ObjectReader): AdmissionPlugin {
  return {
    name: 'NodeRestriction',
    resources: ['pods', 'nodes', 'leases.coordination.k8s.io', 'csinodes.storage.k8s.io', 'serviceaccounts'],
    validate(attributes) {
      const node = nodeNameOf(attributes.user);
      if (node === undefined) return;
      if (node === '') {
        const why = `could not determine node from user "${attributes.user.name}"`;
        throw forbidden(attributes.type, attributes.name, why);
      }
      admitNode(reader, node, attributes);
    },
  };
}

type Check = (reader: ObjectReader, node: string, attributes: AdmissionAttributes) => void;

function admitNode(reader: ObjectReader, node: string, attributes: AdmissionAttributes): void {
  const { type, subresource } = attributes;
  checks[subresource ? `${type.resource}/${subresource}` : type.resource]?.(reader, node, attributes);
}

function refuse({ type, name }: AdmissionAttributes, why: string): Error {
  return forbidden(type, name, why);
}

function admitPod(reader: ObjectReader, node: string, attributes: AdmissionAttributes): void {
  const { operation, name, namespace } = attributes;
  if (operation === 'CREATE') {
    admitMirrorPod(reader, node, attributes);
    return;
  }
  if (operation !== 'DELETE')
    throw refuse(
      attributes,
      `unexpected operation "${operation}", node "${node}" can only create and delete mirror pods`,
    );
  const pod = readObject(reader, pods, namespace, name);
  if (!pod) throw notFound(pods, name);
  if (pod.spec?.nodeName !== node) {
    throw refuse(attributes, `node "${node}" can only delete pods with spec.nodeName set to itself`);
  }
}

function admitMirrorPod(reader: ObjectReader, node: string, attributes: AdmissionAttributes): void {
  const pod = attributes.object as Pod;
  if (pod.metadata?.annotations?.[mirrorAnnotation] === undefined) {
    throw refuse(
      attributes,
      `pod does not have "${mirrorAnnotation}" annotation, node "${node}" can only create mirror pods`,
    );
  }
  if (pod.spec?.nodeName !== node) {
    throw refuse(attributes, `node "${node}" can only create pods with spec.nodeName set to itself`);
  }
  const owners = pod.metadata.ownerReferences ?? [];
  if (owners.length > 1) {
    throw refuse(
      attributes,
      `node "${node}" can only create pods with a single owner reference set to itself`,
    );
  }
  const owner = owners[0];
  if (owner?.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node) {
    throw refuse(attributes, `node ${node} can only create pods with an owner reference set to itself`);
  }
  const uid = readObject(reader, nodes, '', node)?.metadata?.uid;
  if (owner.uid !== uid)
    throw refuse(attributes, `node ${node} UID mismatch: expected ${uid} got ${owner.uid}`);
  if (pod.spec.serviceAccountName) {
    throw refuse(attributes, `node "${node}" can not create pods that reference a service account`);
  }
  const references = findReferences(pod);
  if (references.secrets.size > 0)
    throw refuse(attributes, `node "${node}" can not create pods that reference secrets`);
  if (references.configMaps.size > 0)
    throw refuse(attributes, `node "${node}" can not create pods that reference configmaps`);
  if (references.claims.size > 0) {
    throw refuse(attributes, `node "${node}" can not create pods that reference persistentvolumeclaims`);
  }
}

function admitPodStatus(reader: ObjectReader, node: string, attributes: AdmissionAttributes): void {
  if (attributes.operation !== 'UPDATE')
    throw refuse(attributes, `unexpected operation "${attributes.operation}"`);
  const old = (attributes.oldObject ?? readObject(reader, pods, attributes.namespace, attributes.name)) as
    | Pod
    | undefined;
  if (old?.spec?.nodeName !== node) {
    throw refuse(
      attributes,
      `node "${node}" can only update pod status for pods with spec.nodeName set to itself`,
    );
  }
  const labels = (pod: Pod | undefined) => pod?.metadata?.labels ?? {};
  if (!isDeepStrictEqual(labels(old), labels(attributes.object as Pod))) {
    throw refuse(attributes, `node "${node}" cannot update labels through pod status`);
  }
}

function admitEviction(reader: ObjectReader, node: string, attributes: AdmissionAttributes): void {
  if (attributes.operation !== 'CREATE')
    throw refuse(attributes, `unexpected operation ${attributes.operation}`);
  const name = attributes.name || (attributes.object as Eviction).metadata?.name || '';
  const pod = readObject(reader, pods, attributes.namespace, name);
  if (!pod) throw notFound(pods, name);
  if (pod.spec?.nodeName !== node) {
    throw refuse(attributes, `node "${node}" can only evict pods with spec.nodeName set to itself`);
  }
}

function admitOwnNode(_reader: ObjectReader, node: string, attributes: AdmissionAttributes): void {
  const object = attributes.object as Node | undefined;
  const old = attributes.oldObject as Node | undefined;
  const requested = attributes.name || object?.metadata?.name;
  if (requested !== node)
    throw refuse(attributes, `node "${node}" is not allowed to modify node "${requested}"`);
  if (attributes.operation === 'CREATE') {
    checkLabels(node, attributes, {}, object);
    return;
  }
  if (attributes.operation !== 'UPDATE' || !object) return;
  if (!isDeepStrictEqual(old?.spec?.taints ?? [], object.spec?.taints ?? [])) {
    throw refuse(attributes, `node "${node}" is not allowed to modify taints`);
  }
  if (object.spec?.configSource && !isDeepStrictEqual(object.spec.configSource, old?.spec?.configSource)) {
    throw refuse(
      attributes,
      `node "${node}" is not allowed to update configSource to a new non-nil configSource`,
    );
  }
  if (!isDeepStrictEqual(object.metadata?.ownerReferences ?? [], old?.metadata?.ownerReferences ?? [])) {
    throw refuse(attributes, `node "${node}" is not allowed to modify ownerReferences`);
  }
  checkLabels(node, attributes, old?.metadata?.labels ?? {}, object);
}

function checkLabels(
  node: string,
  attributes: AdmissionAttributes,
  before: Record<string, string>,
  object: Node | undefined,
): void {
  const after = object?.metadata?.labels ?? {};
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => before[key] !== after[key],
  );
  const refused = changed.filter(isReservedLabel).sort();
  if (refused.length === 0) return;
  const verb = attributes.operation === 'CREATE' ? 'set' : 'modify';
  throw refuse(
    attributes,
    `node "${node}" is not allowed to ${verb} the following labels: ${refused.join(', ')}`,
  );
}

function isReservedLabel(key: string): boolean {
  const domain = key.includes('/') ? key.slice(0, key.indexOf('/')) : '';
  if (domain === 'node-restriction.kubernetes.io' || domain.endsWith('.node-restriction.kubernetes.io'))
    return true;
  const within = (parent: string) => domain === parent || domain.endsWith(`.${parent}`);
  if (!within('kubernetes.io') && !within('k8s.io')) return false;
  return !kubeletLabels.has(key) && !kubeletDomains.some(within);
}

function admitLease(_reader: ObjectReader, node: string, attributes: AdmissionAttributes): void {
  const name = attributes.name || attributes.object?.metadata?.name;
  if (attributes.namespace !== leaseNamespace) {
    throw refuse(attributes, `can only access leases in the "${leaseNamespace}" system namespace`);
  }
  if (name !== node)
    throw refuse(attributes, 'can only access node lease with the same name as the requesting node');
}

function admitCsiNode(_reader: ObjectReader, node: string, attributes: AdmissionAttributes): void {
  const name = attributes.name || attributes.object?.metadata?.name;
  if (name !== node)
    throw refuse(attributes, 'can only access CSINode with the same name as the requesting node');
}

function admitToken(reader: ObjectReader, node: string, attributes: AdmissionAttributes): void {
  const ref = (attributes.object as TokenRequest | undefined)?.spec?.boundObjectRef;
  if (ref?.apiVersion !== 'v1' || ref.kind !== 'Pod' || !ref.name) {
    throw refuse(attributes, 'node requested token not bound to a pod');
  }
  if (!ref.uid) throw refuse(attributes, 'node requested token with a pod binding without a uid');
  const pod = readObject(reader, pods, attributes.namespace, ref.name);
  if (!pod) throw notFound(pods, ref.name);
  if (pod.metadata?.uid !== ref.uid)
    throw refuse(
      attributes,
      `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  if (pod.spec?.nodeName !== node)
    throw refuse(attributes, 'node requested token bound to a pod scheduled on a different node');
}

function admitResize(_reader: ObjectReader, _node: string, attributes: AdmissionAttributes): void {
  const why = `unexpected pod subresource "${attributes.subresource}", only 'status' and 'eviction' are allowed`;
  throw refuse(attributes, why);
}

const checks: Readonly<Record<string, Check>> = {
  pods: admitPod,
  'pods/status': admitPodStatus,
  'pods/eviction': admitEviction,
  'pods/resize': admitResize,
  nodes: admitOwnNode,
  'nodes/status': admitOwnNode,
  leases: admitLease,
  csinodes: admitCsiNode,
  'serviceaccounts/token': admitToken,
};
