/** Who the components of a cluster are to the API server: upstream's users, with the rights that its default roles give them. */

import {
  groupAuthenticated,
  groupMasters,
  groupNodes,
  serviceAccountUser,
  type UserInfo,
} from '#api/meta/user.ts';

const userOf = (name: string, ...groups: string[]): UserInfo => ({
  name,
  groups: [...groups, groupAuthenticated],
});

/** What kybern itself does with full rights: upstream's kubeadm and the API server's own loops. */
export const adminUser = userOf('system:apiserver', groupMasters);
/** Reads for all controllers; each of them writes as `controllerUser`. */
export const managerUser = userOf('system:kube-controller-manager');
export const schedulerUser = userOf('system:kube-scheduler');
export const proxyUser = userOf('system:kube-proxy');
export const dnsUser = serviceAccountUser('kube-system', 'coredns');

export function controllerUser(name: string): UserInfo {
  return serviceAccountUser('kube-system', name);
}

export function nodeUser(nodeName: string): UserInfo {
  return userOf(`system:node:${nodeName}`, groupNodes);
}
