/**
 * The components' identities towards the API server: upstream's users, with the rights of its default roles.
 */

import { groupAuthenticated, groupNodes, serviceAccountUser, type UserInfo } from '#api/meta/user.ts';
import { accountName as storageAccount } from '#storage/volumes/names.ts';

const userOf = (name: string, ...groups: string[]): UserInfo => ({
  name,
  groups: [...groups, groupAuthenticated],
});

/** Reads for all controllers; each of them writes as its `controllerUser`. */
export const managerUser = userOf('system:kube-controller-manager');
export const schedulerUser = userOf('system:kube-scheduler');
export const proxyUser = userOf('system:kube-proxy');
export const dnsUser = serviceAccountUser('kube-system', 'coredns');
export const policiesUser = serviceAccountUser('kube-system', 'network-policies');

/** HTTP into the cluster: Ingresses and Gateways. */
export const ingressUser = serviceAccountUser('kube-system', 'kybern-ingress');

export const storageUser = serviceAccountUser('kube-system', storageAccount);

export function controllerUser(name: string): UserInfo {
  return serviceAccountUser('kube-system', name);
}

export function nodeUser(nodeName: string): UserInfo {
  return userOf(`system:node:${nodeName}`, groupNodes);
}
