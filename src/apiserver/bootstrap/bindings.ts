/** Who has the default roles from the start. */

import type { ClusterRoleBinding, Role, RoleBinding, Subject } from '#api/generated/types.gen.ts';
import { allow, defaultMeta, writeEvents } from '../authz/rule.ts';
import { controllerRules } from './controller-roles.ts';

const group = 'rbac.authorization.k8s.io';
const apiVersion = `${group}/v1`;

const toGroup = (name: string): Subject => ({ kind: 'Group', apiGroup: group, name });
const toUser = (name: string): Subject => ({ kind: 'User', apiGroup: group, name });
const toAccount = (name: string): Subject => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' });

function clusterBinding(role: string, subjects: Subject[], name = role): ClusterRoleBinding {
  return {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: defaultMeta(name),
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: role },
    ...(subjects.length > 0 ? { subjects } : {}),
  };
}

export const defaultClusterRoleBindings: readonly ClusterRoleBinding[] = [
  clusterBinding('cluster-admin', [toGroup('system:masters')]),
  clusterBinding('system:monitoring', [toGroup('system:monitoring')]),
  clusterBinding('system:discovery', [toGroup('system:authenticated')]),
  clusterBinding('system:basic-user', [toGroup('system:authenticated')]),
  clusterBinding('system:public-info-viewer', [
    toGroup('system:authenticated'),
    toGroup('system:unauthenticated'),
  ]),
  clusterBinding('system:node-proxier', [toUser('system:kube-proxy')]),
  clusterBinding('system:kube-controller-manager', [toUser('system:kube-controller-manager')]),
  clusterBinding('system:kube-dns', [toAccount('kube-dns')]),
  clusterBinding('system:coredns', [toAccount('coredns')]),
  clusterBinding('system:kubelet-serving-approver', [toAccount('kubelet-serving-approver')]),
  clusterBinding('system:kybern-ingress', [toAccount('kybern-ingress')]),
  clusterBinding('system:local-path-provisioner', [toAccount('local-path-provisioner')]),
  clusterBinding('system:network-policies', [toAccount('network-policies')]),
  clusterBinding('system:kube-scheduler', [toUser('system:kube-scheduler')]),
  clusterBinding('system:volume-scheduler', [toUser('system:kube-scheduler')]),
  // Without subjects: nodes are authorized by the Node authorizer.
  clusterBinding('system:node', []),
  clusterBinding('system:service-account-issuer-discovery', [toGroup('system:serviceaccounts')]),
  ...Object.keys(controllerRules).map((name) =>
    clusterBinding(`system:controller:${name}`, [toAccount(name)]),
  ),
];

function role(namespace: string, name: string, rules: Role['rules']): Role {
  return { apiVersion, kind: 'Role', metadata: { ...defaultMeta(name), namespace }, rules };
}

function binding(namespace: string, roleName: string, subjects: Subject[], name = roleName): RoleBinding {
  return {
    apiVersion,
    kind: 'RoleBinding',
    metadata: { ...defaultMeta(name), namespace },
    roleRef: { apiGroup: group, kind: 'Role', name: roleName },
    subjects,
  };
}

const system = 'kube-system';
const bootstrapSigner = 'system:controller:bootstrap-signer';
const cloudProvider = 'system:controller:cloud-provider';
const tokenCleaner = 'system:controller:token-cleaner';
const authenticationReader = 'extension-apiserver-authentication-reader';

/** Of kybern: the DNS of every node follows the ConfigMaps of CoreDNS and kube-dns. */
const dnsConfiguration = 'kybern:dns-configuration';

const lockingRole = (component: string) => `system::leader-locking-${component}`;
const lockingRules = ['leases', 'leasecandidates'].map((resource) =>
  allow('create get list update watch', 'coordination.k8s.io', resource),
);

export const defaultRoles: readonly Role[] = [
  role(system, authenticationReader, [
    allow('get list watch', '', 'configmaps', 'extension-apiserver-authentication'),
  ]),
  role(system, bootstrapSigner, [allow('get list watch', '', 'secrets')]),
  role(system, cloudProvider, [allow('create get list watch', '', 'configmaps')]),
  role(system, tokenCleaner, [allow('get list watch delete', '', 'secrets'), writeEvents]),
  role(system, lockingRole('kube-controller-manager'), lockingRules),
  role(system, lockingRole('kube-scheduler'), lockingRules),
  role(system, dnsConfiguration, [
    allow('get list watch', '', 'configmaps', 'coredns kube-dns'),
    writeEvents,
  ]),
  role('kube-public', bootstrapSigner, [
    allow('get list watch', '', 'configmaps'),
    allow('update', '', 'configmaps', 'cluster-info'),
    writeEvents,
  ]),
];

const controllerManager = toUser('system:kube-controller-manager');
const scheduler = toUser('system:kube-scheduler');

export const defaultRoleBindings: readonly RoleBinding[] = [
  binding(system, authenticationReader, [controllerManager, scheduler], `system::${authenticationReader}`),
  binding(system, bootstrapSigner, [toAccount('bootstrap-signer')]),
  binding(system, cloudProvider, [toAccount('cloud-provider')]),
  binding(system, tokenCleaner, [toAccount('token-cleaner')]),
  binding(system, lockingRole('kube-controller-manager'), [
    controllerManager,
    toAccount('kube-controller-manager'),
    toAccount('leader-election-controller'),
  ]),
  binding(system, lockingRole('kube-scheduler'), [scheduler, toAccount('kube-scheduler')]),
  binding(system, dnsConfiguration, [toAccount('coredns'), toGroup('system:nodes')]),
  binding('kube-public', bootstrapSigner, [toAccount('bootstrap-signer')]),
];
