/** What a cluster has so that machines can join it: kubeadm's objects under kubeadm's names, and the rights of nodes. */

import type {
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  PolicyRule,
  Role,
  RoleBinding,
} from '#api/generated/types.gen.ts';
import { joiningGroup } from '#api/values/bootstrap-token.ts';
import { kubernetesVersion } from '#base/version.ts';

const group = 'rbac.authorization.k8s.io';
const apiVersion = `${group}/v1`;
const nodesGroup = 'system:nodes';
const read = ['get', 'list', 'watch'];
const requestRole = (subresource: string) =>
  `system:certificates.k8s.io:certificatesigningrequests:${subresource}`;

const toGroup = (name: string) => ({ kind: 'Group', apiGroup: group, name });
const anonymousUser = { kind: 'User', apiGroup: group, name: 'system:anonymous' };

function clusterBinding(name: string, role: string, subject: string): ClusterRoleBinding {
  return {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: role },
    subjects: [toGroup(subject)],
  };
}

function clusterRole(name: string, rules: PolicyRule[]): ClusterRole {
  return { apiVersion, kind: 'ClusterRole', metadata: { name }, rules };
}

/** May read these ConfigMaps. */
function role(namespace: string, name: string, resourceNames: string[], verbs = ['get']): Role {
  const rules = [{ verbs, apiGroups: [''], resources: ['configmaps'], resourceNames }];
  return { apiVersion, kind: 'Role', metadata: { name, namespace }, rules };
}

function roleBinding(namespace: string, name: string, subjects: RoleBinding['subjects']): RoleBinding {
  const roleRef = { apiGroup: group, kind: 'Role', name };
  return {
    apiVersion,
    kind: 'RoleBinding',
    metadata: { name, namespace },
    roleRef,
    ...(subjects ? { subjects } : {}),
  };
}

const joining = [toGroup(joiningGroup), toGroup(nodesGroup)];

/** The proxy, network policies, DNS and pod network of a joined machine run with the identity of its node. */
const networkRules: PolicyRule[] = [
  { verbs: read, apiGroups: [''], resources: ['services', 'endpoints', 'nodes', 'namespaces', 'pods'] },
  { verbs: read, apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'] },
  { verbs: read, apiGroups: ['networking.k8s.io'], resources: ['networkpolicies', 'servicecidrs'] },
];

export const clusterRoles: readonly ClusterRole[] = [
  clusterRole('kubeadm:get-nodes', [{ verbs: ['get'], apiGroups: [''], resources: ['nodes'] }]),
  clusterRole('kybern:node-network', networkRules),
];

export const clusterRoleBindings: readonly ClusterRoleBinding[] = [
  clusterBinding('kubeadm:kubelet-bootstrap', 'system:node-bootstrapper', joiningGroup),
  clusterBinding('kubeadm:get-nodes', 'kubeadm:get-nodes', joiningGroup),
  clusterBinding('kubeadm:node-autoapprove-bootstrap', requestRole('nodeclient'), joiningGroup),
  clusterBinding('kubeadm:node-autoapprove-certificate-rotation', requestRole('selfnodeclient'), nodesGroup),
  clusterBinding('kybern:node-network', 'kybern:node-network', nodesGroup),
];

export const roles: readonly Role[] = [
  role('kube-public', 'kubeadm:bootstrap-signer-clusterinfo', ['cluster-info']),
  role('kube-system', 'kubeadm:nodes-kubeadm-config', ['kubeadm-config']),
  role('kube-system', 'kubeadm:kubelet-config', ['kubelet-config']),
  // The DNS of a node is configured by those of CoreDNS and kube-dns.
  role('kube-system', 'kybern:node-dns', ['coredns', 'kube-dns'], read),
];

export const roleBindings: readonly RoleBinding[] = [
  roleBinding('kube-public', 'kubeadm:bootstrap-signer-clusterinfo', [anonymousUser]),
  roleBinding('kube-system', 'kubeadm:nodes-kubeadm-config', joining),
  roleBinding('kube-system', 'kubeadm:kubelet-config', joining),
  roleBinding('kube-system', 'kybern:node-dns', [toGroup(nodesGroup)]),
];

export interface JoiningFacts {
  readonly clusterName: string;
  /** Where machines reach the API: `https://192.0.2.7:6443`. */
  readonly server: string;
  readonly caPem: string;
  readonly podRange: string;
  readonly serviceRange: string;
  readonly dnsAddress: string;
  readonly clusterDomain: string;
}

/** The address and authority of the API server, readable by everybody; the bootstrap signer adds signatures. */
export function clusterInfo({ server, caPem }: JoiningFacts): ConfigMap {
  const authority = Buffer.from(caPem).toString('base64');
  const kubeconfig = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${authority}
    server: ${server}
  name: ""
contexts: null
current-context: ""
kind: Config
preferences: {}
users: null
`;
  return configMap('kube-public', 'cluster-info', { kubeconfig });
}

/** JSON is YAML. */
export function kubeadmConfig(facts: JoiningFacts): ConfigMap {
  const { clusterName, server, podRange, serviceRange, clusterDomain } = facts;
  const document = {
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'ClusterConfiguration',
    clusterName,
    controlPlaneEndpoint: new URL(server).host,
    kubernetesVersion,
    networking: { dnsDomain: clusterDomain, podSubnet: podRange, serviceSubnet: serviceRange },
  };
  return configMap('kube-system', 'kubeadm-config', { ClusterConfiguration: text(document) });
}

/** What the kubelets of joined machines start with. */
export function kubeletConfig({ dnsAddress, clusterDomain }: JoiningFacts): ConfigMap {
  const document = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    clusterDNS: [dnsAddress],
    clusterDomain,
    rotateCertificates: true,
    serverTLSBootstrap: true,
  };
  return configMap('kube-system', 'kubelet-config', { kubelet: text(document) });
}

function configMap(namespace: string, name: string, data: Record<string, string>): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

function text(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
