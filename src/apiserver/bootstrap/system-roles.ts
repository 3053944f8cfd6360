/** The ClusterRoles of the cluster's own components. */

import type { ClusterRole } from '#api/generated/types.gen.ts';
import { nodeRules } from '../authz/node/rules.ts';
import { allow, allowUrls, clusterRole, read, readWrite, writeEvents } from '../authz/rule.ts';

export const systemRoles: readonly ClusterRole[] = [
  clusterRole('system:node', nodeRules),
  clusterRole('system:auth-delegator', [
    allow('create', 'authentication.k8s.io', 'tokenreviews'),
    allow('create', 'authorization.k8s.io', 'subjectaccessreviews'),
  ]),
  clusterRole('system:certificates.k8s.io:certificatesigningrequests:nodeclient', [
    allow('create', 'certificates.k8s.io', 'certificatesigningrequests/nodeclient'),
  ]),
  clusterRole('system:certificates.k8s.io:certificatesigningrequests:selfnodeclient', [
    allow('create', 'certificates.k8s.io', 'certificatesigningrequests/selfnodeclient'),
  ]),
  clusterRole('system:certificates.k8s.io:kube-apiserver-client-approver', [
    allow('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kube-apiserver-client'),
  ]),
  clusterRole('system:certificates.k8s.io:kube-apiserver-client-kubelet-approver', [
    allow('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kube-apiserver-client-kubelet'),
  ]),
  clusterRole('system:certificates.k8s.io:kubelet-serving-approver', [
    allow('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kubelet-serving'),
  ]),
  clusterRole('system:certificates.k8s.io:legacy-unknown-approver', [
    allow('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/legacy-unknown'),
  ]),
  clusterRole('system:heapster', [
    allow(read, '', 'events namespaces nodes pods'),
    allow(read, 'extensions', 'deployments'),
  ]),
  clusterRole('system:kube-aggregator', [allow(read, '', 'endpoints services')]),
  clusterRole('system:kube-controller-manager', [
    writeEvents,
    allow('create', 'coordination.k8s.io', 'leases'),
    allow('get update', 'coordination.k8s.io', 'leases', 'kube-controller-manager'),
    allow('create', '', 'secrets serviceaccounts'),
    allow('delete', '', 'secrets'),
    allow('get', '', 'configmaps namespaces secrets serviceaccounts'),
    allow('update', '', 'secrets serviceaccounts'),
    allow('create', 'authentication.k8s.io', 'tokenreviews'),
    allow('create', 'authorization.k8s.io', 'subjectaccessreviews'),
    allow('list watch', '*', '*'),
    allow('create', '', 'serviceaccounts/token'),
  ]),
  clusterRole('system:kube-dns', [allow('list watch', '', 'endpoints services')]),
  clusterRole('system:kube-scheduler', [
    writeEvents,
    allow('create', 'coordination.k8s.io', 'leases'),
    allow('get list update watch', 'coordination.k8s.io', 'leases', 'kube-scheduler'),
    allow(readWrite, 'coordination.k8s.io', 'leasecandidates'),
    allow(read, '', 'nodes'),
    allow('delete get list watch', '', 'pods'),
    allow('create', '', 'bindings pods/binding'),
    allow('patch update', '', 'pods/status'),
    allow(read, '', 'replicationcontrollers services'),
    allow(read, 'apps extensions', 'replicasets'),
    allow(read, 'apps', 'statefulsets'),
    allow(read, 'policy', 'poddisruptionbudgets'),
    allow(read, '', 'persistentvolumeclaims persistentvolumes'),
    allow('create', 'authentication.k8s.io', 'tokenreviews'),
    allow('create', 'authorization.k8s.io', 'subjectaccessreviews'),
    allow(read, 'storage.k8s.io', 'csinodes'),
    allow(read, 'storage.k8s.io', 'volumeattachments'),
    allow(read, '', 'namespaces'),
    allow(read, 'storage.k8s.io', 'csidrivers'),
    allow(read, 'storage.k8s.io', 'csistoragecapacities'),
    allow(read, 'resource.k8s.io', 'deviceclasses'),
    allow('get list patch update watch', 'resource.k8s.io', 'resourceclaims'),
    allow('get list patch update watch', 'resource.k8s.io', 'resourceclaims/status'),
    allow('update', '', 'pods/finalizers'),
    allow(read, 'resource.k8s.io', 'resourceslices'),
    allow('create delete', 'resource.k8s.io', 'resourceclaims'),
    allow('patch update', 'resource.k8s.io', 'resourceclaims/binding'),
  ]),
  clusterRole('system:kubelet-api-admin', [
    allow(read, '', 'nodes'),
    allow('proxy', '', 'nodes'),
    allow('*', '', 'nodes/log nodes/metrics nodes/proxy nodes/stats'),
    allow('*', '', 'nodes/configz nodes/healthz nodes/pods'),
  ]),
  clusterRole('system:node-bootstrapper', [
    allow('create get list watch', 'certificates.k8s.io', 'certificatesigningrequests'),
  ]),
  clusterRole('system:node-problem-detector', [
    allow('get', '', 'nodes'),
    allow('patch', '', 'nodes/status'),
    writeEvents,
  ]),
  clusterRole('system:node-proxier', [
    allow('list watch', '', 'endpoints services'),
    allow(read, '', 'nodes'),
    writeEvents,
    allow('list watch', 'networking.k8s.io', 'servicecidrs'),
    allow('list watch', 'discovery.k8s.io', 'endpointslices'),
  ]),
  clusterRole('system:persistent-volume-provisioner', [
    allow('create delete get list watch', '', 'persistentvolumes'),
    allow('get list update watch', '', 'persistentvolumeclaims'),
    allow(read, 'storage.k8s.io', 'storageclasses'),
    allow('watch', '', 'events'),
    writeEvents,
  ]),
  clusterRole('system:service-account-issuer-discovery', [
    allowUrls(
      'get',
      '/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/',
    ),
  ]),
  clusterRole('system:volume-scheduler', [
    allow('get list patch update watch', '', 'persistentvolumes'),
    allow(read, 'storage.k8s.io', 'storageclasses'),
    allow('get list patch update watch', '', 'persistentvolumeclaims'),
  ]),
  clusterRole('system:kubelet-serving-approver', [
    allow('update', 'certificates.k8s.io', 'certificatesigningrequests/approval'),
    allow('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kubelet-serving'),
  ]),
  // What external provisioners and resizers are given by their own manifests; the cluster's node-local
  // storage acts under it.
  clusterRole('system:local-path-provisioner', [
    allow('create delete get list patch update watch', '', 'persistentvolumes'),
    allow('get list patch update watch', '', 'persistentvolumeclaims'),
    allow('patch update', '', 'persistentvolumeclaims/status'),
    allow(read, 'storage.k8s.io', 'storageclasses'),
    allow(read, '', 'nodes'),
    writeEvents,
  ]),
  // What controllers of Ingresses and Gateways are given by their own manifests; the built-in one acts under it.
  clusterRole('system:kybern-ingress', [
    allow(read, '', 'configmaps namespaces secrets services'),
    allow(read, 'discovery.k8s.io', 'endpointslices'),
    allow(read, 'networking.k8s.io', 'ingressclasses ingresses'),
    allow('patch update', 'networking.k8s.io', 'ingresses/status'),
    allow(read, 'apiextensions.k8s.io', 'customresourcedefinitions'),
    allow(read, 'gateway.networking.k8s.io', 'gatewayclasses gateways grpcroutes httproutes referencegrants'),
    allow(
      'patch update',
      'gateway.networking.k8s.io',
      'gatewayclasses/status gateways/status grpcroutes/status httproutes/status',
    ),
    allow('create patch update', '', 'services'),
    allow('create patch update', 'discovery.k8s.io', 'endpointslices'),
    writeEvents,
  ]),
  // What CoreDNS is given by its own manifest; the cluster's DNS server acts under it.
  clusterRole('system:coredns', [
    allow('list watch', '', 'endpoints namespaces pods services'),
    allow('list watch', 'discovery.k8s.io', 'endpointslices'),
  ]),
  // What network plugins are given by their own manifests; policies of the node beside the API server are applied
  // under it.
  clusterRole('system:network-policies', [
    allow('list watch', '', 'namespaces pods'),
    allow('list watch', 'networking.k8s.io', 'networkpolicies'),
    writeEvents,
  ]),
];
