/**
 * What a kubelet may change of its node: no other node, not taints or owners, and few labels of the
 * reserved domains.
 */

import { isDeepStrictEqual } from 'node:util';
import type { Node } from '#api/generated/types.gen.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { type Check, refuse } from './check.ts';

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

function admitOwnNode(_reader: ObjectReader, node: string, attributes: AdmissionAttributes): void {
  const object = attributes.object as Node | undefined;
  const old = attributes.oldObject as Node | undefined;
  const requested = attributes.name || (object?.metadata?.name ?? '');
  if (requested !== node) {
    throw refuse(attributes, `node "${node}" is not allowed to modify node "${requested}"`);
  }
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
  if (domain === 'node-restriction.kubernetes.io' || domain.endsWith('.node-restriction.kubernetes.io')) {
    return true;
  }
  const within = (parent: string) => domain === parent || domain.endsWith(`.${parent}`);
  if (!within('kubernetes.io') && !within('k8s.io')) return false;
  return !kubeletLabels.has(key) && !kubeletDomains.some(within);
}

export const nodeChecks: Readonly<Record<string, Check>> = {
  nodes: admitOwnNode,
  'nodes/status': admitOwnNode,
};
