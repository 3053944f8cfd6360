/** The ClusterRoles of the cluster's own components. */

import type { ClusterRole, PolicyRule } from '#api/generated/types.gen.ts';
import { nodeRules } from '../authz/node-rules.ts';
import { allow, allowUrls, clusterRole, read, writeEvents } from '../authz/rule.ts';

const csr = 'certificates.k8s.io';

const schedulerRules: readonly PolicyRule[] = [
  ...writeEvents,
  allow('create', 'coordination.k8s.io', 'leases'),
  allow('get list update watch', 'coordination.k8s.io', 'leases', 'kube-scheduler'),
  allow('create', 'coordination.k8s.io', 'leasecandidates'),
  allow('get list update patch watch', 'coordination.k8s.io', 'leasecandidates'),
  allow(read, '', 'nodes'),
  allow('delete get list watch', '', 'pods'),
  allow('create', '', 'pods/binding bindings'),
  allow('patch update', '', 'pods/status'),
  allow(read, '', 'replicationcontrollers services'),
  allow(read, 'apps', 'replicasets statefulsets'),
  allow(read, 'extensions', 'replicasets'),
  allow(read, 'policy', 'poddisruptionbudgets'),
  allow(read, '', 'persistentvolumeclaims persistentvolumes namespaces'),
  allow('create', 'authentication.k8s.io', 'tokenreviews'),
  allow('create', 'authorization.k8s.io', 'subjectaccessreviews'),
  allow(read, 'storage.k8s.io', 'csinodes csidrivers csistoragecapacities storageclasses volumeattachments'),
  allow(read, 'resource.k8s.io', 'deviceclasses resourceclaims resourceslices'),
  allow('update patch', 'resource.k8s.io', 'resourceclaims resourceclaims/status'),
];

const controllerManagerRules: readonly PolicyRule[] = [
  ...writeEvents,
  allow('create', 'coordination.k8s.io', 'leases'),
  allow('get list update watch', 'coordination.k8s.io', 'leases', 'kube-controller-manager'),
  allow('create', 'coordination.k8s.io', 'leasecandidates'),
  allow('get list update patch watch', 'coordination.k8s.io', 'leasecandidates'),
  allow('create', '', 'secrets serviceaccounts'),
  allow('delete', '', 'secrets'),
  allow('get', '', 'namespaces secrets configmaps serviceaccounts'),
  allow('update', '', 'secrets serviceaccounts'),
  allow('create', 'authentication.k8s.io', 'tokenreviews'),
  allow('create', 'authorization.k8s.io', 'subjectaccessreviews'),
  allow('list watch', '*', '*'),
  allow('create', '', 'serviceaccounts/token'),
];

export const systemRoles: readonly ClusterRole[] = [
  clusterRole('system:node', nodeRules),
  clusterRole('system:node-problem-detector', [
    allow('get', '', 'nodes'),
    allow('patch', '', 'nodes/status'),
    ...writeEvents,
  ]),
  clusterRole('system:node-proxier', [
    allow('list watch', '', 'services endpoints'),
    allow(read, '', 'nodes'),
    ...writeEvents,
    allow('list watch', 'discovery.k8s.io', 'endpointslices'),
    allow('list watch', 'networking.k8s.io', 'servicecidrs'),
  ]),
  clusterRole('system:kubelet-api-admin', [
    allow(read, '', 'nodes'),
    allow('proxy', '', 'nodes'),
    allow('*', '', 'nodes/log nodes/metrics nodes/proxy nodes/stats nodes/configz nodes/healthz nodes/pods'),
  ]),
  clusterRole('system:node-bootstrapper', [
    allow('create get list watch', csr, 'certificatesigningrequests'),
  ]),
  clusterRole('system:auth-delegator', [
    allow('create', 'authentication.k8s.io', 'tokenreviews'),
    allow('create', 'authorization.k8s.io', 'subjectaccessreviews'),
  ]),
  clusterRole('system:kube-aggregator', [allow(read, '', 'services endpoints')]),
  clusterRole('system:kube-controller-manager', controllerManagerRules),
  clusterRole('system:kube-dns', [allow('list watch', '', 'endpoints services')]),
  // What CoreDNS is given by its own manifest; the cluster's DNS server acts under it.
  clusterRole('system:coredns', [
    allow('list watch', '', 'endpoints services pods namespaces'),
    allow('list watch', 'discovery.k8s.io', 'endpointslices'),
  ]),
  clusterRole('system:persistent-volume-provisioner', [
    allow('get list watch create delete', '', 'persistentvolumes'),
    allow('get list watch update', '', 'persistentvolumeclaims'),
    allow(read, 'storage.k8s.io', 'storageclasses'),
    allow('watch', '', 'events'),
    ...writeEvents,
  ]),
  clusterRole('system:certificates.k8s.io:certificatesigningrequests:nodeclient', [
    allow('create', csr, 'certificatesigningrequests/nodeclient'),
  ]),
  clusterRole('system:certificates.k8s.io:certificatesigningrequests:selfnodeclient', [
    allow('create', csr, 'certificatesigningrequests/selfnodeclient'),
  ]),
  ...['kube-apiserver-client', 'kube-apiserver-client-kubelet', 'kubelet-serving', 'legacy-unknown'].map(
    (signer) =>
      clusterRole(`system:certificates.k8s.io:${signer}-approver`, [
        allow('approve', csr, 'signers', `kubernetes.io/${signer}`),
      ]),
  ),
  clusterRole('system:kube-scheduler', schedulerRules),
  clusterRole('system:volume-scheduler', [
    allow('get list patch update watch', '', 'persistentvolumes'),
    allow(read, 'storage.k8s.io', 'storageclasses'),
    allow('get list patch update watch', '', 'persistentvolumeclaims'),
  ]),
  clusterRole('system:service-account-issuer-discovery', [
    allowUrls(
      'get',
      '/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/',
    ),
  ]),
  clusterRole('system:cluster-trust-bundle-discovery', [allow(read, csr, 'clustertrustbundles')]),
  clusterRole('system:heapster', [
    allow(read, '', 'events pods nodes namespaces'),
    allow(read, 'extensions', 'deployments'),
  ]),
];
