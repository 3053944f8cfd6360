/**
 * Authorizes kubelets (`system:node:NAME` of `system:nodes`): their own node, lease and CSINode; the secrets, config
 * maps, claims and volumes that pods on their node refer to; tokens for the ServiceAccounts of those pods; and
 * whatever the fixed rules of every node allow. Follows upstream's Node authorizer, but instead of keeping a graph it
 * looks at the pods of the namespace in question, whose references are found once per pod revision.
 */

import { persistentVolumeClaims, persistentVolumes, pods, volumeAttachments } from '#api/kinds.gen.ts';
import { groupNodes } from '#api/user.ts';
import { nodeRules } from '../bootstrap/node-rules.ts';
import type {
  AuthorizationAttributes,
  AuthorizationDecision,
  Authorizer,
  ObjectReader,
} from '../contract.ts';
import { readObject, readObjects } from '../typed-reader.ts';
import { type PodReferences, podReferences } from './pod-references.ts';
import { ruleAllows } from './rules.ts';

const userPrefix = 'system:node:';
const leaseNamespace = 'kube-node-lease';
const readVerbs = ['get', 'list', 'watch'];
const ownObjectVerbs = ['get', 'create', 'update', 'patch', 'delete'];

/** The node a user is, `''` for a node without a name, undefined for anybody else. */
export function nodeNameOf(user: { name: string; groups: readonly string[] }): string | undefined {
  if (!user.groups.includes(groupNodes)) return undefined;
  return user.name.startsWith(userPrefix) ? user.name.slice(userPrefix.length) : undefined;
}

const allow: AuthorizationDecision = { decision: 'allow', reason: '' };
const pass = (reason: string): AuthorizationDecision => ({ decision: 'noOpinion', reason });

export function nodeAuthorizer(reader: ObjectReader): Authorizer {
  return {
    name: 'Node',
    authorize(attributes) {
      const node = nodeNameOf(attributes.user);
      if (node === undefined) return pass('');
      if (node === '') return pass(`unknown node for user "${attributes.user.name}"`);
      if (!attributes.isResource) return byRules(attributes);
      return forNode(reader, node, attributes);
    },
  };
}

function forNode(reader: ObjectReader, node: string, asked: AuthorizationAttributes): AuthorizationDecision {
  const qualified = asked.group === '' ? asked.resource : `${asked.resource}.${asked.group}`;
  switch (qualified) {
    case 'secrets':
    case 'configmaps':
      return readReferenced(reader, node, asked);
    case 'persistentvolumeclaims':
      if (asked.subresource === 'status') return updateClaimStatus(reader, node, asked);
      return getReferenced(asked, () => referenced(reader, node, asked.namespace, 'claims', asked.name));
    case 'persistentvolumes':
      return getReferenced(asked, () => usesVolume(reader, node, asked.name));
    case 'volumeattachments.storage.k8s.io':
      return getReferenced(asked, () => attachesTo(reader, node, asked.name));
    case 'serviceaccounts':
      return createToken(reader, node, asked);
    case 'leases.coordination.k8s.io':
      return ownLease(node, asked);
    case 'csinodes.storage.k8s.io':
      return ownCsiNode(node, asked);
    case 'nodes':
      return ownNode(node, asked);
    default:
      return byRules(asked);
  }
}

function byRules(asked: AuthorizationAttributes): AuthorizationDecision {
  return nodeRules.some((rule) => ruleAllows(rule, asked)) ? allow : pass('');
}

function noRelation(node: string): AuthorizationDecision {
  return pass(`no relationship found between node '${node}' and this object`);
}

function readReferenced(
  reader: ObjectReader,
  node: string,
  asked: AuthorizationAttributes,
): AuthorizationDecision {
  if (!readVerbs.includes(asked.verb)) return pass('can only read resources of this type');
  if (asked.subresource !== '') return pass('cannot read subresource');
  if (asked.namespace === '') return pass('can only read namespaced object of this type');
  if (asked.name === '') return pass('No Object name found');
  const what = asked.resource === 'secrets' ? 'secrets' : 'configMaps';
  return referenced(reader, node, asked.namespace, what, asked.name) ? allow : noRelation(node);
}

function getReferenced(asked: AuthorizationAttributes, related: () => boolean): AuthorizationDecision {
  if (asked.verb !== 'get' || asked.name === '')
    return pass('can only get individual resources of this type');
  if (asked.subresource !== '') return pass('cannot get subresource');
  return related() ? allow : noRelation(nodeNameOf(asked.user) ?? '');
}

function updateClaimStatus(
  reader: ObjectReader,
  node: string,
  asked: AuthorizationAttributes,
): AuthorizationDecision {
  if (!['get', 'update', 'patch'].includes(asked.verb) || asked.name === '') {
    return pass('can only get/update/patch this type');
  }
  return referenced(reader, node, asked.namespace, 'claims', asked.name) ? allow : noRelation(node);
}

function createToken(
  reader: ObjectReader,
  node: string,
  asked: AuthorizationAttributes,
): AuthorizationDecision {
  if (asked.subresource !== 'token') return byRules(asked);
  if (asked.verb !== 'create' || asked.name === '') {
    return pass('can only create tokens for individual service accounts');
  }
  const related = referenced(reader, node, asked.namespace, 'serviceAccounts', asked.name);
  return related ? allow : noRelation(node);
}

function ownLease(node: string, asked: AuthorizationAttributes): AuthorizationDecision {
  if (!ownObjectVerbs.includes(asked.verb)) {
    return pass('can only get, create, update, patch, or delete a node lease');
  }
  if (asked.namespace !== leaseNamespace) {
    return pass(`can only access leases in the "${leaseNamespace}" system namespace`);
  }
  if (asked.verb !== 'create' && asked.name !== node) {
    return pass('can only access node lease with the same name as the requesting node');
  }
  return allow;
}

function ownCsiNode(node: string, asked: AuthorizationAttributes): AuthorizationDecision {
  if (!ownObjectVerbs.includes(asked.verb)) {
    return pass('can only get, create, update, patch, or delete a CSINode');
  }
  if (asked.subresource !== '') return pass('cannot authorize CSINode subresources');
  if (asked.verb !== 'create' && asked.name !== node) {
    return pass('can only access CSINode with the same name as the requesting node');
  }
  return allow;
}

function ownNode(node: string, asked: AuthorizationAttributes): AuthorizationDecision {
  if (!readVerbs.includes(asked.verb) || asked.name === node) return byRules(asked);
  return pass(`node '${node}' cannot read '${asked.name}', only its own Node object`);
}

type ReferenceKind = keyof PodReferences;

function referenced(
  reader: ObjectReader,
  node: string,
  namespace: string,
  what: ReferenceKind,
  name: string,
): boolean {
  return readObjects(reader, pods, namespace).some(
    (pod) => pod.spec?.nodeName === node && podReferences(pod)[what].has(name),
  );
}

function usesVolume(reader: ObjectReader, node: string, name: string): boolean {
  const claim = readObject(reader, persistentVolumes, '', name)?.spec?.claimRef;
  if (!claim?.namespace || !claim.name) return false;
  const bound = readObject(reader, persistentVolumeClaims, claim.namespace, claim.name);
  return bound?.spec?.volumeName === name && referenced(reader, node, claim.namespace, 'claims', claim.name);
}

function attachesTo(reader: ObjectReader, node: string, name: string): boolean {
  return readObject(reader, volumeAttachments, '', name)?.spec?.nodeName === node;
}
