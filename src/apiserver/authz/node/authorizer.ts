/**
 * Authorizes kubelets (`system:node:NAME` of `system:nodes`): their own node, lease and CSINode; their own
 * pods, lists of them only when they select them by `spec.nodeName`; what these pods refer to; tokens for the
 * ServiceAccounts of these pods; and what the fixed rules of every node allow. Follows upstream's Node
 * authorizer with selectors.
 */

import { groupNodes } from '#api/meta/user.ts';
import { ownValue } from '#base/own-value.ts';
import type {
  AuthorizationAttributes,
  AuthorizationDecision,
  Authorizer,
} from '../../contract/authorization.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { ruleAllows } from '../rules.ts';
import type { NodePods } from './pods.ts';
import { type Relations, relationsOf } from './relations.ts';
import { nodeRules } from './rules.ts';

const userPrefix = 'system:node:';
const leaseNamespace = 'kube-node-lease';
const readVerbs = ['get', 'list', 'watch'];
const ownObjectVerbs = ['get', 'create', 'update', 'patch', 'delete'];

/** The node that the user identifies, `''` for a node without a name, undefined for any other user. */
export function nodeNameOf(user: { name: string; groups: readonly string[] }): string | undefined {
  if (!user.groups.includes(groupNodes)) return undefined;
  return user.name.startsWith(userPrefix) ? user.name.slice(userPrefix.length) : undefined;
}

const allow: AuthorizationDecision = { decision: 'allow', reason: '' };
const pass = (reason: string): AuthorizationDecision => ({ decision: 'noOpinion', reason });

export function nodeAuthorizer(reader: ObjectReader, nodePods: NodePods): Authorizer {
  return {
    name: 'Node',
    authorize(attributes) {
      const node = nodeNameOf(attributes.user);
      if (node === undefined) return pass('');
      if (node === '') return pass(`unknown node for user "${attributes.user.name}"`);
      const judge = attributes.isResource ? ownValue(judges, qualified(attributes)) : undefined;
      return judge
        ? judge({ node, attributes, relations: relationsOf(reader, nodePods, node) })
        : byRules(attributes);
    },
  };
}

function qualified({ group, resource }: AuthorizationAttributes): string {
  return group === '' ? resource : `${resource}.${group}`;
}

function byRules(asked: AuthorizationAttributes): AuthorizationDecision {
  return nodeRules.some((rule) => ruleAllows(rule, asked)) ? allow : pass('');
}

interface Question {
  readonly node: string;
  readonly attributes: AuthorizationAttributes;
  readonly relations: Relations;
}

type Judge = (question: Question) => AuthorizationDecision;

const judges: Readonly<Record<string, Judge>> = {
  secrets: (question) =>
    readOne(question, ({ namespace, name }) => question.relations.secret(namespace, name)),
  configmaps: (question) => readOne(question, isReferenced(question, 'configMaps')),
  persistentvolumeclaims: (question) =>
    question.attributes.subresource === 'status'
      ? updateStatus(question, isReferenced(question, 'claims'))
      : getOne(question, isReferenced(question, 'claims')),
  persistentvolumes: (question) => getOne(question, ({ name }) => question.relations.volume(name)),
  'resourceclaims.resource.k8s.io': (question) => getOne(question, isReferenced(question, 'resourceClaims')),
  'volumeattachments.storage.k8s.io': (question) =>
    getOne(question, ({ name }) => question.relations.attachment(name)),
  serviceaccounts: serviceAccount,
  'leases.coordination.k8s.io': lease,
  'csinodes.storage.k8s.io': csiNode,
  'resourceslices.resource.k8s.io': resourceSlice,
  nodes: nodeItself,
  pods: podOfNode,
  // Pods' certificates are switched off.
  'podcertificaterequests.certificates.k8s.io': () => pass(''),
};

type Related = (attributes: AuthorizationAttributes) => boolean;

function isReferenced({ relations }: Question, what: Parameters<Relations['reference']>[0]): Related {
  return ({ namespace, name }) => relations.reference(what, namespace, name);
}

function related({ node, attributes }: Question, isRelated: Related): AuthorizationDecision {
  if (attributes.name === '') return pass('No Object name found');
  if (isRelated(attributes)) return allow;
  return pass(`no relationship found between node '${node}' and this object`);
}

function readOne(question: Question, isRelated: Related): AuthorizationDecision {
  const { verb, subresource, namespace } = question.attributes;
  if (!readVerbs.includes(verb)) return pass('can only read resources of this type');
  if (subresource !== '') return pass('cannot read subresource');
  if (namespace === '') return pass('can only read namespaced object of this type');
  return related(question, isRelated);
}

function getOne(question: Question, isRelated: Related): AuthorizationDecision {
  const { verb, subresource } = question.attributes;
  if (verb !== 'get') return pass('can only get individual resources of this type');
  if (subresource !== '') return pass('cannot get subresource');
  return related(question, isRelated);
}

function updateStatus(question: Question, isRelated: Related): AuthorizationDecision {
  const { verb } = question.attributes;
  if (verb !== 'update' && verb !== 'patch') return pass('can only get/update/patch this type');
  return related(question, isRelated);
}

/** Only a field selector for the node keeps a list to the objects of the node. */
function selects({ attributes, node }: Question, field: string): boolean {
  return (attributes.fieldSelector ?? []).some(
    (requirement) =>
      requirement.field === field && requirement.operator === '=' && requirement.value === node,
  );
}

function serviceAccount(question: Question): AuthorizationDecision {
  const { verb, name, subresource } = question.attributes;
  const isUsed = isReferenced(question, 'serviceAccounts');
  if (verb === 'get' && subresource === '') return readOne(question, isUsed);
  if (verb !== 'create' || name === '') return pass('can only create tokens for individual service accounts');
  if (subresource !== 'token') return pass('can only create token subresource of serviceaccount');
  return related(question, isUsed);
}

function lease({ node, attributes }: Question): AuthorizationDecision {
  const { verb, namespace, name } = attributes;
  if (!ownObjectVerbs.includes(verb)) {
    return pass('can only get, create, update, patch, or delete a node lease');
  }
  if (namespace !== leaseNamespace) {
    return pass(`can only access leases in the "${leaseNamespace}" system namespace`);
  }
  if (verb !== 'create' && name !== node) {
    return pass('can only access node lease with the same name as the requesting node');
  }
  return allow;
}

function csiNode({ node, attributes }: Question): AuthorizationDecision {
  const { verb, subresource, name } = attributes;
  if (!ownObjectVerbs.includes(verb)) {
    return pass('can only get, create, update, patch, or delete a CSINode');
  }
  if (subresource !== '') return pass('cannot authorize CSINode subresources');
  if (verb !== 'create' && name !== node) {
    return pass('can only access CSINode with the same name as the requesting node');
  }
  return allow;
}

const sliceVerbs = 'get, watch, list, create, update, patch, delete, deletecollection';

function resourceSlice(question: Question): AuthorizationDecision {
  const { verb, subresource } = question.attributes;
  if (subresource !== '') return pass('cannot authorize ResourceSlice subresources');
  switch (verb) {
    case 'create':
      // Whose slice it is, is for the NodeRestriction plugin to see.
      return allow;
    case 'get':
    case 'update':
    case 'patch':
    case 'delete':
      return related(question, ({ name }) => question.relations.resourceSlice(name));
    case 'watch':
    case 'list':
    case 'deletecollection':
      if (selects(question, 'spec.nodeName')) return allow;
      return pass('can only list/watch/deletecollection resourceslices with nodeName field selector');
    default:
      return pass(`only the following verbs are allowed for a ResourceSlice: ${sliceVerbs}`);
  }
}

/** What a node may write into which node is for the NodeRestriction plugin to see. */
function nodeItself({ node, attributes }: Question): AuthorizationDecision {
  const { verb, subresource, name } = attributes;
  const writes = subresource === '' ? ['create', 'update', 'patch'] : ['update', 'patch'];
  if (subresource !== '' && subresource !== 'status') return pass('');
  if (writes.includes(verb)) return allow;
  if (subresource !== '' || !readVerbs.includes(verb)) return pass('');
  if (name === node) return allow;
  const what = name === '' ? 'all nodes' : `'${name}'`;
  return pass(`node '${node}' cannot read ${what}, only its own Node object`);
}

const podWrites: Readonly<Record<string, readonly string[]>> = {
  '': ['create', 'delete'],
  status: ['update', 'patch'],
  eviction: ['create'],
};

/** Here too the NodeRestriction plugin sees to it that what is written is a pod of the node. */
function podOfNode(question: Question): AuthorizationDecision {
  const { verb, subresource, name } = question.attributes;
  if (ownValue(podWrites, subresource)?.includes(verb)) return allow;
  if (subresource !== '' || !readVerbs.includes(verb)) return pass('');
  const isOwn: Related = ({ namespace, name }) => question.relations.pod(namespace, name);
  if (verb === 'get') return getOne(question, isOwn);
  if (selects(question, 'spec.nodeName')) return allow;
  if (name !== '') return related(question, isOwn);
  return pass('can only list/watch pods with spec.nodeName field selector');
}
