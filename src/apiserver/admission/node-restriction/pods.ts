/**
 * What a kubelet may do to pods: create mirror pods of its own that refer to nothing secret, write the status
 * of pods bound to it, delete and evict those.
 */

import { isDeepStrictEqual } from 'node:util';
import { nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Eviction, Pod } from '#api/generated/types.gen.ts';
import type { OwnerReference } from '#api/meta/object.ts';
import { notFound } from '#api/meta/status.ts';
import { isMirrorPod, mirrorAnnotation } from '#api/pods/mirror-pod.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObject } from '../../contract/typed-reader.ts';
import { type Check, refuse } from './check.ts';
import { referenceOf } from './references.ts';

function admitPod(reader: ObjectReader, node: string, attributes: AdmissionAttributes): void {
  const { operation, name, namespace } = attributes;
  if (operation === 'CREATE') {
    admitMirrorPod(reader, node, attributes);
    return;
  }
  if (operation !== 'DELETE') {
    throw refuse(
      attributes,
      `unexpected operation "${operation}", node "${node}" can only create and delete mirror pods`,
    );
  }
  const pod = readObject(reader, pods, namespace, name);
  if (!pod) throw notFound(pods, name);
  if (pod.spec?.nodeName !== node) {
    throw refuse(attributes, `node "${node}" can only delete pods with spec.nodeName set to itself`);
  }
}

function admitMirrorPod(reader: ObjectReader, node: string, attributes: AdmissionAttributes): void {
  const pod = attributes.object as Pod;
  if (!isMirrorPod(pod)) {
    throw refuse(
      attributes,
      `pod does not have "${mirrorAnnotation}" annotation, node "${node}" can only create mirror pods`,
    );
  }
  if (pod.spec?.nodeName !== node) {
    throw refuse(attributes, `node "${node}" can only create pods with spec.nodeName set to itself`);
  }
  admitOwner(reader, node, attributes, pod.metadata?.ownerReferences ?? []);
  const reference = referenceOf(pod);
  if (reference) throw refuse(attributes, `node "${node}" can not create pods that reference ${reference}`);
}

function admitOwner(
  reader: ObjectReader,
  node: string,
  attributes: AdmissionAttributes,
  [owner, ...more]: readonly OwnerReference[],
): void {
  const can = `node "${node}" can only create pods with`;
  if (more.length > 0) throw refuse(attributes, `${can} a single owner reference set to itself`);
  if (owner?.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node) {
    throw refuse(attributes, `${can} an owner reference set to itself`);
  }
  if (!owner.controller) throw refuse(attributes, `${can} a controller owner reference set to itself`);
  if (owner.blockOwnerDeletion) {
    throw refuse(attributes, `node "${node}" must not set blockOwnerDeletion on an owner reference`);
  }
  const found = readObject(reader, nodes, '', node);
  if (!found) throw notFound(nodes, node);
  const uid = found.metadata?.uid;
  if (owner.uid !== uid) {
    throw refuse(attributes, `node ${node} UID mismatch: expected ${uid} got ${owner.uid}`);
  }
}

function admitPodStatus(reader: ObjectReader, node: string, attributes: AdmissionAttributes): void {
  if (attributes.operation !== 'UPDATE') {
    throw refuse(attributes, `unexpected operation "${attributes.operation}"`);
  }
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
  if (attributes.operation !== 'CREATE') {
    throw refuse(attributes, `unexpected operation ${attributes.operation}`);
  }
  const name = attributes.name || (attributes.object as Eviction).metadata?.name || '';
  const pod = readObject(reader, pods, attributes.namespace, name);
  if (!pod) throw notFound(pods, name);
  if (pod.spec?.nodeName !== node) {
    throw refuse(attributes, `node "${node}" can only evict pods with spec.nodeName set to itself`);
  }
}

function refuseSubresource(_reader: ObjectReader, _node: string, attributes: AdmissionAttributes): void {
  const why = `unexpected pod subresource "${attributes.subresource}", only 'status' and 'eviction' are allowed`;
  throw refuse(attributes, why);
}

export const podChecks: Readonly<Record<string, Check>> = {
  pods: admitPod,
  'pods/status': admitPodStatus,
  'pods/eviction': admitEviction,
  'pods/resize': refuseSubresource,
  'pods/ephemeralcontainers': refuseSubresource,
  'pods/binding': refuseSubresource,
};
