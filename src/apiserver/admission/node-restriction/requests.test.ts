/** NodeRestriction for each kind of request that a kubelet makes: one row for each. */

import {
  configMaps,
  csiDrivers,
  csiNodes,
  leases,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  serviceAccounts,
} from '#api/generated/kinds.gen.ts';
import type { UserInfo } from '#api/meta/user.ts';
import { storedNode } from '#testing/objects.ts';
import type { Authorizer } from '../../contract/authorization.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { testAdmission } from '../../testing/admission.ts';
import { nodeRestriction } from './node-restriction.ts';

/** Tokens of the ServiceAccount `x` for the audience `granted`. */
const authorizer: Authorizer = {
  name: 'grants',
  authorize({ user, verb, namespace, resource, name }) {
    if (resource === 'broken') return { decision: 'noOpinion', reason: '', error: 'no answer' };
    const question = `${user.name} ${verb} ${namespace} ${resource} ${name}`;
    const isGranted = question === 'system:node:n1 request-serviceaccounts-token-audience default granted x';
    return { decision: isGranted ? 'allow' : 'noOpinion', reason: '' };
  },
};
const restricted = (reader: ObjectReader) => nodeRestriction(reader, authorizer);
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

testAdmission('NodeRestriction, of any other user', restricted, [
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

testAdmission('NodeRestriction, pods', restricted, [
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

testAdmission('NodeRestriction, nodes', restricted, [
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

testAdmission('NodeRestriction, leases and CSINodes', restricted, [
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
const withVolumes = (...volumes: object[]) => {
  const pod = podOn('n1');
  return [[pods, { ...pod, spec: { ...pod.spec, volumes } }]] as const;
};
const driver = { metadata: { name: 'd' }, spec: { tokenRequests: [{ audience: 'vault' }] } };
const claim = { metadata: { name: 'c', namespace: 'default' }, spec: { volumeName: 'v' } };
const ofPod = { ...claim, metadata: { ...claim.metadata, name: 'x-e' } };
const volume = { metadata: { name: 'v' }, spec: { csi: { driver: 'd' } } };
const bound = [
  [csiDrivers, driver],
  [persistentVolumeClaims, claim],
  [persistentVolumeClaims, ofPod],
  [persistentVolumes, volume],
] as const;
const cloud = [
  [csiDrivers, { ...driver, metadata: { name: 'ebs.csi.aws.com' } }],
  [persistentVolumeClaims, claim],
  [persistentVolumes, { ...volume, spec: { awsElasticBlockStore: { volumeID: 'vol-1' } } }],
] as const;
const forAudiences = (...audiences: string[]) => ({
  metadata: { name: 'x' },
  spec: { boundObjectRef: toPod, audiences },
});
const unknown = (audience: string, rest: string) =>
  why('serviceaccounts "x"', `audience "${audience}" not found in pod spec volume, ${rest}`);
// biome-ignore format: a table
const audienceRows = [
  { name: 'for an audience of a projected volume – it is admitted', audiences: ['vault'], stored: withVolumes({ name: 'a', projected: { sources: [{ serviceAccountToken: { audience: 'vault', path: 't' } }] } }) },
  { name: 'for an audience of the driver of a cloud’s disk – it is admitted', audiences: ['vault'], stored: [...withVolumes({ name: 'a', awsElasticBlockStore: { volumeID: 'vol-1' } }), ...cloud] },
  { name: 'for an audience of the driver of a claim’s cloud disk – it is admitted', audiences: ['vault'], stored: [...withVolumes({ name: 'a', persistentVolumeClaim: { claimName: 'c' } }), ...cloud] },
  { name: 'for an audience of an inline CSI volume – it is admitted', audiences: ['vault'], stored: [...withVolumes({ name: 'a', csi: { driver: 'd' } }), ...bound] },
  { name: 'for an audience of a claim’s driver – it is admitted', audiences: ['vault'], stored: [...withVolumes({ name: 'a', persistentVolumeClaim: { claimName: 'c' } }), ...bound] },
  { name: 'for an audience of an ephemeral volume’s driver – it is admitted', audiences: ['vault'], stored: [...withVolumes({ name: 'e', ephemeral: { volumeClaimTemplate: {} } }), ...bound] },
  { name: 'for an audience that the node is granted – it is admitted', audiences: ['granted'], stored: mine },
  { name: 'for any other audience – it is refused', audiences: ['vault'], stored: mine, refusal: unknown('vault', 'system:node:n1 is not authorized to request tokens for this audience') },
  { name: 'while the authorizer fails – it is refused', audiences: ['broken'], stored: mine, refusal: unknown('broken', 'error authorizing system:node:n1 to request tokens for this audience: no answer') },
  { name: 'with a volume whose driver does not exist – it is refused', audiences: ['vault'], stored: withVolumes({ name: 'a', csi: { driver: 'd' } }), refusal: why('serviceaccounts "x"', 'error validating audience "vault": csidriver.storage.k8s.io "d" not found') },
  { name: 'with a claim that does not exist – it is refused', audiences: ['vault'], stored: withVolumes({ name: 'a', persistentVolumeClaim: { claimName: 'c' } }), refusal: why('serviceaccounts "x"', 'error validating audience "vault": persistentvolumeclaim "c" not found') },
  { name: 'for two audiences – it is refused', audiences: ['a', 'b'], stored: mine, refusal: why('serviceaccounts "x"', 'node may only request 0 or 1 audiences') },
].map(({ audiences, ...row }) => ({ ...row, ...ask, object: forAudiences(...audiences) }));
testAdmission('NodeRestriction, tokens', restricted, [
  {
    name: 'bound to its own pod, for an audience of its volumes – it is admitted',
    ...ask,
    object: token(toPod),
    stored: withVolumes({ name: 'a', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }),
  },
  ...audienceRows,
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
