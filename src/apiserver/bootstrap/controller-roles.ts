/**
 * The ClusterRole of every controller: `system:controller:NAME`, bound to its ServiceAccount in kube-system.
 */

import type { PolicyRule } from '#api/generated/types.gen.ts';
import { allow, allowUrls, read, writeEvents } from '../authz/rule.ts';

type Rules = readonly PolicyRule[];

/** What a controller that keeps pods does to them. */
const keepPods = allow('get list watch create delete patch', '', 'pods');
const writeSlices: Rules = [
  allow('get list watch create update delete', 'discovery.k8s.io', 'endpointslices'),
  allow('create', 'discovery.k8s.io', 'endpointslices/restricted'),
];
const csr = 'certificates.k8s.io';
const storage = 'storage.k8s.io';

/** The controller records events, too. */
function withEvents(...rules: readonly (PolicyRule | Rules)[]): Rules {
  return [...rules.flat(), ...writeEvents];
}

/** The kind a controller is there for: `verbs` on it, and its status and finalizers to write. */
function keeps(verbs: string, group: string, resource: string): Rules {
  return [allow(verbs, group, resource), allow('update', group, `${resource}/status ${resource}/finalizers`)];
}

export const controllerRules: Readonly<Record<string, Rules>> = {
  'attachdetach-controller': withEvents(
    allow('list watch', '', 'persistentvolumeclaims persistentvolumes'),
    allow(read, '', 'nodes'),
    allow('patch update', '', 'nodes/status'),
    allow('list watch', '', 'pods'),
    allow('get list watch create delete', storage, 'volumeattachments'),
    allow(read, storage, 'csidrivers csinodes'),
  ),
  'certificate-controller': withEvents(
    allow('get list watch delete', csr, 'certificatesigningrequests'),
    allow('update', csr, 'certificatesigningrequests/status certificatesigningrequests/approval'),
    allow('approve', csr, 'signers', 'kubernetes.io/kube-apiserver-client-kubelet'),
    allow(
      'sign',
      csr,
      'signers',
      'kubernetes.io/legacy-unknown kubernetes.io/kubelet-serving kubernetes.io/kube-apiserver-client ' +
        'kubernetes.io/kube-apiserver-client-kubelet',
    ),
    allow('create', 'authorization.k8s.io', 'subjectaccessreviews'),
  ),
  'clusterrole-aggregation-controller': [
    allow('escalate get list patch update watch', 'rbac.authorization.k8s.io', 'clusterroles'),
  ],
  'cronjob-controller': withEvents(
    allow('get list watch update', 'batch', 'cronjobs'),
    allow('get list watch create update delete patch', 'batch', 'jobs'),
    allow('update', 'batch', 'cronjobs/status cronjobs/finalizers'),
    allow('list delete', '', 'pods'),
  ),
  'daemon-set-controller': withEvents(
    keeps(read, 'apps', 'daemonsets'),
    allow('list watch', '', 'nodes'),
    keepPods,
    allow('create', '', 'pods/binding'),
    allow('get list watch create delete update patch', 'apps', 'controllerrevisions'),
  ),
  'deployment-controller': withEvents(
    keeps('get list watch update', 'apps', 'deployments'),
    allow('get list watch create update patch delete', 'apps', 'replicasets'),
    allow('get list update watch', '', 'pods'),
  ),
  'disruption-controller': withEvents(
    allow(read, 'apps', 'deployments replicasets statefulsets'),
    allow(read, '', 'replicationcontrollers'),
    allow(read, 'policy', 'poddisruptionbudgets'),
    allow('update', 'policy', 'poddisruptionbudgets/status'),
    allow('patch update', '', 'pods/status'),
    allow(read, '', 'pods'),
    allow('get', '*', '*/scale'),
  ),
  'endpoint-controller': withEvents(
    allow(read, '', 'services pods'),
    allow('get list create update delete', '', 'endpoints'),
    allow('create', '', 'endpoints/restricted'),
  ),
  'endpointslice-controller': withEvents(
    allow(read, '', 'services pods nodes'),
    allow('update', '', 'services/finalizers'),
    writeSlices,
  ),
  'endpointslicemirroring-controller': withEvents(
    allow(read, '', 'services endpoints'),
    allow('update', '', 'services/finalizers endpoints/finalizers'),
    writeSlices,
  ),
  'ephemeral-volume-controller': withEvents(
    allow('update', '', 'pods/finalizers'),
    allow(read, '', 'pods'),
    allow('get list watch create', '', 'persistentvolumeclaims'),
  ),
  'expand-controller': withEvents(
    allow('get list watch update patch', '', 'persistentvolumes'),
    allow('update patch', '', 'persistentvolumeclaims/status'),
    allow(read, '', 'persistentvolumeclaims pods'),
    allow(read, storage, 'storageclasses'),
    allow('get', '', 'services endpoints secrets'),
  ),
  'generic-garbage-collector': withEvents(allow('get list watch patch update delete', '*', '*')),
  'horizontal-pod-autoscaler': withEvents(
    allow(read, 'autoscaling', 'horizontalpodautoscalers'),
    allow('update', 'autoscaling', 'horizontalpodautoscalers/status'),
    allow('get update', '*', '*/scale'),
    allow('list', '', 'pods'),
    allow('list', 'metrics.k8s.io', 'pods'),
    allow('get list', 'custom.metrics.k8s.io', '*'),
    allow('get list', 'external.metrics.k8s.io', '*'),
  ),
  'job-controller': withEvents(keeps('get list watch update patch', 'batch', 'jobs'), keepPods),
  'legacy-service-account-token-cleaner': [
    allow('get', '', 'configmaps', 'kube-apiserver-legacy-service-account-token-tracking'),
    allow('patch delete', '', 'secrets'),
  ],
  'namespace-controller': [
    allow('get list delete watch', '', 'namespaces'),
    allow('update', '', 'namespaces/finalize namespaces/status'),
    allow('get list delete deletecollection', '*', '*'),
  ],
  'node-controller': withEvents(
    allow('get list update delete patch watch', '', 'nodes'),
    allow('patch update', '', 'nodes/status'),
    allow('patch update', '', 'pods/status'),
    allow('list delete get watch', '', 'pods'),
    allow('get list watch', 'coordination.k8s.io', 'leases'),
  ),
  'persistent-volume-binder': withEvents(
    allow('get list watch update create delete', '', 'persistentvolumes'),
    allow('update', '', 'persistentvolumes/status'),
    allow('get list watch update', '', 'persistentvolumeclaims'),
    allow('update', '', 'persistentvolumeclaims/status'),
    allow('get list watch create delete', '', 'pods'),
    allow(read, storage, 'storageclasses'),
    allow('get create update delete', '', 'endpoints services'),
    allow('get', '', 'secrets'),
    allow(read, '', 'nodes'),
    allow('watch', '', 'events'),
  ),
  'pod-garbage-collector': [
    allow('list watch delete', '', 'pods'),
    allow('get list', '', 'nodes'),
    allow('watch', '', 'nodes'),
    allow('patch', '', 'pods/status'),
  ],
  'pv-protection-controller': withEvents(allow('get list watch update', '', 'persistentvolumes')),
  'pvc-protection-controller': withEvents(
    allow('get list watch update', '', 'persistentvolumeclaims'),
    allow(read, '', 'pods'),
  ),
  'replicaset-controller': withEvents(keeps('get list watch update', 'apps', 'replicasets'), keepPods),
  'replication-controller': withEvents(
    keeps('get list watch update', '', 'replicationcontrollers'),
    keepPods,
  ),
  'resource-claim-controller': withEvents(
    allow('update', '', 'pods/finalizers'),
    allow(read, '', 'pods'),
    allow('update patch', '', 'pods/status'),
    allow('get list watch create delete', 'resource.k8s.io', 'resourceclaims'),
    allow('update patch', 'resource.k8s.io', 'resourceclaims resourceclaims/status'),
    allow(read, 'resource.k8s.io', 'resourceclaimtemplates'),
  ),
  'resourcequota-controller': withEvents(
    allow('list watch', '*', '*'),
    allow('update', '', 'resourcequotas/status'),
  ),
  'root-ca-cert-publisher': withEvents(allow('create update', '', 'configmaps')),
  'route-controller': withEvents(allow('list watch', '', 'nodes'), allow('patch', '', 'nodes/status')),
  'selinux-warning-controller': withEvents(
    allow(read, '', 'persistentvolumeclaims persistentvolumes pods'),
    allow(read, storage, 'csidrivers'),
  ),
  'service-account-controller': withEvents(allow('create', '', 'serviceaccounts')),
  'service-cidrs-controller': withEvents(
    allow('get list watch patch update', 'networking.k8s.io', 'servicecidrs'),
    allow('patch update', 'networking.k8s.io', 'servicecidrs/finalizers servicecidrs/status'),
    allow(read, 'networking.k8s.io', 'ipaddresses'),
  ),
  'service-controller': withEvents(
    allow(read, '', 'services'),
    allow('patch update', '', 'services/status'),
    allow('list watch', '', 'nodes'),
  ),
  'statefulset-controller': withEvents(
    allow('list watch', '', 'pods'),
    keeps(read, 'apps', 'statefulsets'),
    allow('get create delete update patch', '', 'pods'),
    allow('get create delete update patch list watch', 'apps', 'controllerrevisions'),
    allow('get create list watch update delete', '', 'persistentvolumeclaims'),
  ),
  'storage-version-migrator-controller': [
    allow('list patch', '*', '*'),
    allow('update', 'storagemigration.k8s.io', 'storageversionmigrations/status'),
    allow(read, 'storagemigration.k8s.io', 'storageversionmigrations'),
    allowUrls('get', '/apis'),
  ],
  'ttl-after-finished-controller': withEvents(allow('get list watch delete', 'batch', 'jobs')),
  'ttl-controller': withEvents(allow('update patch list watch', '', 'nodes')),
  'validatingadmissionpolicy-status-controller': withEvents(
    allow(read, 'admissionregistration.k8s.io', 'validatingadmissionpolicies'),
    allow('get patch update', 'admissionregistration.k8s.io', 'validatingadmissionpolicies/status'),
  ),
};
