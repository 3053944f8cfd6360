/** NodeRestriction for each kind of request that a kubelet makes: one row for each. */

import { configMaps, csiNodes, leases, nodes, pods, serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { UserInfo } from '#api/meta/user.ts';
import { storedNode } from '#testing/objects.ts';
import { testAdmission } from '../../testing/admission.ts';
import { nodeRestriction } from './node-restriction.ts';

const user: UserInfo = { name: 'system:node:n1', groups: ['system:nodes'] };
const nameless: UserInfo = { name: 'system:node:', groups: ['system:nodes'] };
const object = { metadata: { name: 'x' } };
const podOn = (nodeName: string, more: object = {}) => ({
  metadata: { name: 'x', namespace: 'default', uid: 'u', ...more },
  spec: { nodeName },
});
const mine = [[pods, podOn('n1')]] as const;
const others = [[pods, podOn('n2')]] as const;
const update = { operation: 'UPDATE', user } as const;
const node = (metadata: object = {}, spec: object = {}) =>
  storedNode('n1', { metadata, ready: 'missing', spec });
const lease = (name: string) => ({ metadata: { name } });
const token = (ref?: object) => ({ metadata: { name: 'x' }, spec: ref ? { boundObjectRef: ref } : {} });
const toPod = { apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'u' };
const why = (what: string, reason: string) => `403 ${what} is forbidden: ${reason}`;
const notDetermined = (what: string) => why(what, 'could not determine node from user "system:node:"');
const onlySubresources = (name: string) =>
  why('pods "x"', `unexpected pod subresource "${name}", only 'status' and 'eviction' are allowed`);

testAdmission('NodeRestriction, of any other user', nodeRestriction, [
  { name: 'a pod – it is admitted', type: pods, object },
  { name: 'a node – it is admitted', type: nodes, object },
  {
    name: 'a node without a name writes anything – it is refused',
    type: configMaps,
    object,
    user: nameless,
    refusal: notDetermined('configmaps "x"'),
  },
  {
    name: 'a node without a name opens a connection – that is for authorization',
    type: pods,
    operation: 'CONNECT',
    subresource: 'exec',
    object,
    user: nameless,
  },
]);

testAdmission('NodeRestriction, pods', nodeRestriction, [
  {
    name: 'a pod that is no mirror – it is refused',
    type: pods,
    object: podOn('n1'),
    user,
    refusal: why(
      'pods "x"',
      'pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods',
    ),
  },
  {
    name: 'an update – it is refused',
    ...update,
    type: pods,
    object: podOn('n1'),
    old: podOn('n1'),
    refusal: why(
      'pods "x"',
      'unexpected operation "UPDATE", node "n1" can only create and delete mirror pods',
    ),
  },
  {
    name: 'the deletion of its own pod – it is admitted',
    type: pods,
    operation: 'DELETE',
    old: podOn('n1'),
    user,
    stored: mine,
  },
  {
    name: 'the deletion of another node’s pod – it is refused',
    type: pods,
    operation: 'DELETE',
    old: podOn('n2'),
    user,
    stored: others,
    refusal: why('pods "x"', 'node "n1" can only delete pods with spec.nodeName set to itself'),
  },
  {
    name: 'the status of its own pod – it is admitted',
    ...update,
    type: pods,
    subresource: 'status',
    object: podOn('n1'),
    old: podOn('n1'),
  },
  {
    name: 'the status of another node’s pod – it is refused',
    ...update,
    type: pods,
    subresource: 'status',
    object: podOn('n2'),
    old: podOn('n2'),
    refusal: why(
      'pods "x"',
      'node "n1" can only update pod status for pods with spec.nodeName set to itself',
    ),
  },
  {
    name: 'labels through the status – they are refused',
    ...update,
    type: pods,
    subresource: 'status',
    object: podOn('n1', { labels: { a: 'b' } }),
    old: podOn('n1'),
    refusal: why('pods "x"', 'node "n1" cannot update labels through pod status'),
  },
  {
    name: 'the eviction of its own pod – it is admitted',
    type: pods,
    subresource: 'eviction',
    object,
    user,
    stored: mine,
  },
  {
    name: 'the eviction of another node’s pod – it is refused',
    type: pods,
    subresource: 'eviction',
    object,
    user,
    stored: others,
    refusal: why('pods "x"', 'node "n1" can only evict pods with spec.nodeName set to itself'),
  },
  {
    name: 'the eviction of no pod – it is refused',
    type: pods,
    subresource: 'eviction',
    object,
    user,
    refusal: '404 pods "x" not found',
  },
  {
    name: 'a binding – it is refused',
    type: pods,
    subresource: 'binding',
    object,
    user,
    refusal: onlySubresources('binding'),
  },
  {
    name: 'a resize – it is refused',
    ...update,
    type: pods,
    subresource: 'resize',
    object,
    old: object,
    refusal: onlySubresources('resize'),
  },
  {
    name: 'ephemeral containers – they are refused',
    ...update,
    type: pods,
    subresource: 'ephemeralcontainers',
    object,
    old: object,
    refusal: onlySubresources('ephemeralcontainers'),
  },
  {
    name: 'what another group calls pods – it is admitted',
    ...update,
    type: { ...pods, group: 'example.com' },
    object,
    old: object,
  },
]);

testAdmission('NodeRestriction, nodes', nodeRestriction, [
  {
    name: 'its own node – it is admitted',
    type: nodes,
    object: node({ labels: { 'kubernetes.io/hostname': 'h' } }),
    user,
  },
  {
    name: 'another node – it is refused',
    type: nodes,
    object,
    user,
    refusal: why('nodes "x"', 'node "n1" is not allowed to modify node "x"'),
  },
  {
    name: 'without a name – it is refused, as one with an empty name',
    type: nodes,
    object: { metadata: {} },
    user,
    refusal: why('nodes', 'node "n1" is not allowed to modify node ""'),
  },
  {
    name: 'a label of a reserved domain – it is refused',
    type: nodes,
    object: node({ labels: { 'kubernetes.io/role': 'r' } }),
    user,
    refusal: why('nodes "n1"', 'node "n1" is not allowed to set the following labels: kubernetes.io/role'),
  },
  {
    name: 'a change of such a label – it is refused',
    ...update,
    type: nodes,
    object: node({ labels: { 'node-restriction.kubernetes.io/a': 'b' } }),
    old: node(),
    refusal: why(
      'nodes "n1"',
      'node "n1" is not allowed to modify the following labels: node-restriction.kubernetes.io/a',
    ),
  },
  {
    name: 'its taints – they are refused',
    ...update,
    type: nodes,
    subresource: 'status',
    object: node({}, { taints: [{ key: 'a' }] }),
    old: node(),
    refusal: why('nodes "n1"', 'node "n1" is not allowed to modify taints'),
  },
  {
    name: 'its owners – they are refused',
    ...update,
    type: nodes,
    object: node({ ownerReferences: [{ name: 'a' }] }),
    old: node(),
    refusal: why('nodes "n1"', 'node "n1" is not allowed to modify ownerReferences'),
  },
]);

testAdmission('NodeRestriction, leases and CSINodes', nodeRestriction, [
  {
    name: 'a lease of another namespace – it is refused',
    type: leases,
    object: lease('n1'),
    user,
    refusal: why(
      'leases.coordination.k8s.io "n1"',
      'can only access leases in the "kube-node-lease" system namespace',
    ),
  },
  { name: 'its own CSINode – it is admitted', type: csiNodes, object: node(), user },
  {
    name: 'another CSINode – it is refused',
    type: csiNodes,
    object,
    user,
    refusal: why(
      'csinodes.storage.k8s.io "x"',
      'can only access CSINode with the same name as the requesting node',
    ),
  },
]);

const ask = { type: serviceAccounts, subresource: 'token', user } as const;
testAdmission('NodeRestriction, tokens', nodeRestriction, [
  { name: 'bound to its own pod – it is admitted', ...ask, object: token(toPod), stored: mine },
  {
    name: 'bound to nothing – it is refused',
    ...ask,
    object: token(),
    refusal: why('serviceaccounts "x"', 'node requested token not bound to a pod'),
  },
  {
    name: 'bound to a pod without a uid – it is refused',
    ...ask,
    object: token({ ...toPod, uid: undefined }),
    stored: mine,
    refusal: why('serviceaccounts "x"', 'node requested token with a pod binding without a uid'),
  },
  {
    name: 'bound to a pod that was another – it is refused',
    ...ask,
    object: token({ ...toPod, uid: 'v' }),
    stored: mine,
    refusal: why(
      'serviceaccounts "x"',
      'the UID in the bound object reference (v) does not match the UID in record. The object might have been deleted and then recreated',
    ),
  },
  {
    name: 'bound to another node’s pod – it is refused',
    ...ask,
    object: token(toPod),
    stored: others,
    refusal: why('serviceaccounts "x"', 'node requested token bound to a pod scheduled on a different node'),
  },
  {
    name: 'bound to no pod – it is refused',
    ...ask,
    object: token(toPod),
    refusal: '404 pods "x" not found',
  },
  { name: 'the account itself – that is for authorization', ...ask, subresource: '', object },
]);
