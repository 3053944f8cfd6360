/** The ClusterRole of every controller: `system:controller:NAME`, bound to its ServiceAccount in kube-system. */

import type { PolicyRule } from '#api/types.gen.ts';
import { allow, allowUrls, read, writeEvents } from './rule.ts';

const workloadPods = 'get list watch create delete patch';
const slices = 'get list watch create update delete';
const csr = 'certificates.k8s.io';
const storage = 'storage.k8s.io';
const readClaims = 'persistentvolumeclaims persistentvolumes';

const attachDetach = [
  allow('list watch', '', readClaims),
  allow(read, '', 'nodes'),
  allow('patch update', '', 'nodes/status'),
  allow('list watch', '', 'pods'),
  ...writeEvents,
  allow('get list watch create delete', storage, 'volumeattachments'),
  allow(read, storage, 'csidrivers csinodes'),
];

const volumeBinder = [
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
  ...writeEvents,
];

const volumeExpander = [
  allow('get list watch update patch', '', 'persistentvolumes'),
  allow('update patch', '', 'persistentvolumeclaims/status'),
  allow(read, '', 'persistentvolumeclaims pods'),
  allow(read, storage, 'storageclasses'),
  allow('get', '', 'services endpoints secrets'),
  ...writeEvents,
];

const endpointController = [
  allow(read, '', 'services pods'),
  allow('get list create update delete', '', 'endpoints'),
  allow('create', '', 'endpoints/restricted'),
  ...writeEvents,
];

const endpointSliceController = [
  allow(read, '', 'services pods nodes'),
  allow('update', '', 'services/finalizers'),
  allow(slices, 'discovery.k8s.io', 'endpointslices'),
  allow('create', 'discovery.k8s.io', 'endpointslices/restricted'),
  ...writeEvents,
];

const endpointSliceMirroring = [
  allow(read, '', 'services endpoints'),
  allow('update', '', 'services/finalizers endpoints/finalizers'),
  allow(slices, 'discovery.k8s.io', 'endpointslices'),
  allow('create', 'discovery.k8s.io', 'endpointslices/restricted'),
  ...writeEvents,
];

const daemonSet = [
  allow(read, 'apps', 'daemonsets'),
  allow('update', 'apps', 'daemonsets/status daemonsets/finalizers'),
  allow('list watch', '', 'nodes'),
  allow(workloadPods, '', 'pods'),
  allow('create', '', 'pods/binding'),
  allow('get list watch create delete update patch', 'apps', 'controllerrevisions'),
  ...writeEvents,
];

const deployment = [
  allow('get list watch update', 'apps', 'deployments'),
  allow('update', 'apps', 'deployments/status deployments/finalizers'),
  allow('get list watch create update patch delete', 'apps', 'replicasets'),
  allow('get list update watch', '', 'pods'),
  ...writeEvents,
];

const replicaSet = [
  allow('get list watch update', 'apps', 'replicasets'),
  allow('update', 'apps', 'replicasets/status replicasets/finalizers'),
  allow(workloadPods, '', 'pods'),
  ...writeEvents,
];

const replicationController = [
  allow('get list watch update', '', 'replicationcontrollers'),
  allow('update', '', 'replicationcontrollers/status replicationcontrollers/finalizers'),
  allow(workloadPods, '', 'pods'),
  ...writeEvents,
];

const statefulSet = [
  allow('list watch', '', 'pods'),
  allow(read, 'apps', 'statefulsets'),
  allow('update', 'apps', 'statefulsets/status statefulsets/finalizers'),
  allow('get create delete update patch', '', 'pods'),
  allow('get create delete update patch list watch', 'apps', 'controllerrevisions'),
  allow('get create list watch update delete', '', 'persistentvolumeclaims'),
  ...writeEvents,
];

const job = [
  allow('get list watch update patch', 'batch', 'jobs'),
  allow('update', 'batch', 'jobs/status jobs/finalizers'),
  allow(workloadPods, '', 'pods'),
  ...writeEvents,
];

const cronJob = [
  allow('get list watch update', 'batch', 'cronjobs'),
  allow('get list watch create update delete patch', 'batch', 'jobs'),
  allow('update', 'batch', 'cronjobs/status cronjobs/finalizers'),
  allow('list delete', '', 'pods'),
  ...writeEvents,
];

const autoscaler = [
  allow(read, 'autoscaling', 'horizontalpodautoscalers'),
  allow('update', 'autoscaling', 'horizontalpodautoscalers/status'),
  allow('get update', '*', '*/scale'),
  allow('list', '', 'pods'),
  allow('list', 'metrics.k8s.io', 'pods'),
  allow('get list', 'custom.metrics.k8s.io', '*'),
  allow('get list', 'external.metrics.k8s.io', '*'),
  ...writeEvents,
];

const node = [
  allow('get list update delete patch watch', '', 'nodes'),
  allow('patch update', '', 'nodes/status'),
  allow('patch update', '', 'pods/status'),
  allow('list delete get watch', '', 'pods'),
  allow('get list watch', 'coordination.k8s.io', 'leases'),
  ...writeEvents,
];

const disruption = [
  allow(read, 'apps', 'deployments replicasets statefulsets'),
  allow(read, '', 'replicationcontrollers'),
  allow(read, 'policy', 'poddisruptionbudgets'),
  allow('update', 'policy', 'poddisruptionbudgets/status'),
  allow('patch update', '', 'pods/status'),
  allow(read, '', 'pods'),
  allow('get', '*', '*/scale'),
  ...writeEvents,
];

const podGarbageCollector = [
  allow('list watch delete', '', 'pods'),
  allow('get list', '', 'nodes'),
  allow('watch', '', 'nodes'),
  allow('patch', '', 'pods/status'),
];

const certificates = [
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
  ...writeEvents,
];

export const controllerRules: Readonly<Record<string, readonly PolicyRule[]>> = {
  'attachdetach-controller': attachDetach,
  'certificate-controller': certificates,
  'clusterrole-aggregation-controller': [
    allow('escalate get list patch update watch', 'rbac.authorization.k8s.io', 'clusterroles'),
  ],
  'cronjob-controller': cronJob,
  'daemon-set-controller': daemonSet,
  'deployment-controller': deployment,
  'disruption-controller': disruption,
  'endpoint-controller': endpointController,
  'endpointslice-controller': endpointSliceController,
  'endpointslicemirroring-controller': endpointSliceMirroring,
  'ephemeral-volume-controller': [
    allow('update', '', 'pods/finalizers'),
    allow(read, '', 'pods'),
    allow('get list watch create', '', 'persistentvolumeclaims'),
    ...writeEvents,
  ],
  'expand-controller': volumeExpander,
  'generic-garbage-collector': [allow('get list watch patch update delete', '*', '*'), ...writeEvents],
  'horizontal-pod-autoscaler': autoscaler,
  'job-controller': job,
  'legacy-service-account-token-cleaner': [
    allow('get', '', 'configmaps', 'kube-apiserver-legacy-service-account-token-tracking'),
    allow('patch delete', '', 'secrets'),
  ],
  'namespace-controller': [
    allow('get list delete watch', '', 'namespaces'),
    allow('update', '', 'namespaces/finalize namespaces/status'),
    allow('get list delete deletecollection', '*', '*'),
  ],
  'node-controller': node,
  'persistent-volume-binder': volumeBinder,
  'pod-garbage-collector': podGarbageCollector,
  'pv-protection-controller': [allow('get list watch update', '', 'persistentvolumes'), ...writeEvents],
  'pvc-protection-controller': [
    allow('get list watch update', '', 'persistentvolumeclaims'),
    allow(read, '', 'pods'),
    ...writeEvents,
  ],
  'replicaset-controller': replicaSet,
  'replication-controller': replicationController,
  'resource-claim-controller': [
    allow('update', '', 'pods/finalizers'),
    allow(read, '', 'pods'),
    allow('update patch', '', 'pods/status'),
    allow('get list watch create delete', 'resource.k8s.io', 'resourceclaims'),
    allow('update patch', 'resource.k8s.io', 'resourceclaims resourceclaims/status'),
    allow(read, 'resource.k8s.io', 'resourceclaimtemplates'),
    ...writeEvents,
  ],
  'resourcequota-controller': [
    allow('list watch', '*', '*'),
    allow('update', '', 'resourcequotas/status'),
    ...writeEvents,
  ],
  'root-ca-cert-publisher': [allow('create update', '', 'configmaps'), ...writeEvents],
  'route-controller': [allow('list watch', '', 'nodes'), allow('patch', '', 'nodes/status'), ...writeEvents],
  'selinux-warning-controller': [
    allow(read, '', `${readClaims} pods`),
    allow(read, storage, 'csidrivers'),
    ...writeEvents,
  ],
  'service-account-controller': [allow('create', '', 'serviceaccounts'), ...writeEvents],
  'service-cidrs-controller': [
    allow('get list watch patch update', 'networking.k8s.io', 'servicecidrs'),
    allow('patch update', 'networking.k8s.io', 'servicecidrs/finalizers servicecidrs/status'),
    allow(read, 'networking.k8s.io', 'ipaddresses'),
    ...writeEvents,
  ],
  'service-controller': [
    allow(read, '', 'services'),
    allow('patch update', '', 'services/status'),
    allow('list watch', '', 'nodes'),
    ...writeEvents,
  ],
  'statefulset-controller': statefulSet,
  'storage-version-migrator-controller': [
    allow('list patch', '*', '*'),
    allow('update', 'storagemigration.k8s.io', 'storageversionmigrations/status'),
    allow(read, 'storagemigration.k8s.io', 'storageversionmigrations'),
    allowUrls('get', '/apis'),
  ],
  'ttl-after-finished-controller': [allow('get list watch delete', 'batch', 'jobs'), ...writeEvents],
  'ttl-controller': [allow('update patch list watch', '', 'nodes'), ...writeEvents],
  'validatingadmissionpolicy-status-controller': [
    allow(read, 'admissionregistration.k8s.io', 'validatingadmissionpolicies'),
    allow('get patch update', 'admissionregistration.k8s.io', 'validatingadmissionpolicies/status'),
    ...writeEvents,
  ],
};
