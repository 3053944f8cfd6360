/**
 * What a kubelet may do to pods: create mirror pods of its own that refer to nothing secret, write the status of pods bound
 * to it, delete and evict those.
 */

import { isDeepStrictEqual } from 'node:util';
import { nodes, pods } from '#api/kinds.gen.ts';
import { notFound } from '#api/status.ts';
import type { Eviction, Pod } from '#api/types.gen.ts';
import { findReferences } from '../authz/pod-references.ts';
import type { AdmissionAttributes, ObjectReader } from '../contract.ts';
import { readObject } from '../typed-reader.ts';
import { type Check, refuse } from './node-restriction-check.ts';

const mirrorAnnotation = 'kubernetes.io/config.mirror';

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

function admitResize(_reader: ObjectReader, _node: string, attributes: AdmissionAttributes): void {
  const why = `unexpected pod subresource "${attributes.subresource}", only 'status' and 'eviction' are allowed`;
  throw refuse(attributes, why);
}

export const podChecks: Readonly<Record<string, Check>> = {
  pods: admitPod,
  'pods/status': admitPodStatus,
  'pods/eviction': admitEviction,
  'pods/resize': admitResize,
};
