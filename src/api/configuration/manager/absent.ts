/** Arguments of upstream's controller manager v1.36 that kybern does not have, and what there is in the place of each. */

const process = 'the controllers are in the process of the API server';
const certificates = 'certificates are issued by the authority of the cluster, which is kept with it';
const lease = 'the controllers always run by the lease kube-controller-manager, with the times of upstream';
const workers = 'it is at the default of upstream';
const nodes = 'the node controllers have the times and rates of upstream';
const addresses = 'each node gets its part of the range of the cluster';
const noCloud = 'kybern has no cloud provider';
const ownVersion = 'kybern has the behaviour of its own version only';
const log = 'KYBERN_LOG sets what is logged: debug, info, warn or error';
const volumes = 'the volume controllers have the times of upstream';
const recycling = 'the reclaim policy Recycle is deprecated: use Delete';
const batches = 'endpoints are written as they change';

const byReason: readonly (readonly [reason: string, names: string])[] = [
  [
    process,
    'authentication-kubeconfig authentication-skip-lookup authentication-token-webhook-cache-ttl ' +
      'authentication-tolerate-lookup-failure authorization-always-allow-paths authorization-kubeconfig ' +
      'authorization-webhook-cache-authorized-ttl authorization-webhook-cache-unauthorized-ttl bind-address ' +
      'cert-dir client-ca-file disable-http2-serving http2-max-streams-per-connection kube-api-burst ' +
      'kube-api-content-type kube-api-qps kubeconfig master permit-address-sharing permit-port-sharing ' +
      'requestheader-allowed-names requestheader-client-ca-file requestheader-extra-headers-prefix ' +
      'requestheader-group-headers requestheader-uid-headers requestheader-username-headers secure-port ' +
      'tls-cert-file tls-cipher-suites tls-curve-preferences tls-min-version tls-private-key-file ' +
      'tls-sni-cert-key use-service-account-credentials',
  ],
  [
    certificates,
    'cluster-signing-cert-file cluster-signing-key-file ' +
      'cluster-signing-kube-apiserver-client-cert-file cluster-signing-kube-apiserver-client-key-file ' +
      'cluster-signing-kubelet-client-cert-file cluster-signing-kubelet-client-key-file ' +
      'cluster-signing-kubelet-serving-cert-file cluster-signing-kubelet-serving-key-file ' +
      'cluster-signing-legacy-unknown-cert-file cluster-signing-legacy-unknown-key-file root-ca-file ' +
      'service-account-private-key-file',
  ],
  [
    lease,
    'enable-leader-migration leader-elect leader-elect-lease-duration leader-elect-renew-deadline ' +
      'leader-elect-resource-lock leader-elect-resource-name leader-elect-resource-namespace ' +
      'leader-elect-retry-period leader-migration-config',
  ],
  [
    workers,
    'concurrent-cron-job-syncs concurrent-daemonset-syncs concurrent-deployment-syncs ' +
      'concurrent-device-taint-eviction-syncs concurrent-endpoint-syncs concurrent-ephemeralvolume-syncs ' +
      'concurrent-gc-syncs concurrent-job-syncs concurrent-namespace-syncs concurrent-rc-syncs ' +
      'concurrent-replicaset-syncs concurrent-resource-quota-syncs concurrent-resourceclaim-syncs ' +
      'concurrent-service-endpoint-syncs concurrent-service-syncs concurrent-serviceaccount-token-syncs ' +
      'concurrent-statefulset-syncs concurrent-ttl-after-finished-syncs ' +
      'concurrent-validating-admission-policy-status-syncs controller-shutdown-timeout ' +
      'controller-start-interval enable-dynamic-provisioning legacy-service-account-token-clean-up-period ' +
      'max-endpoints-per-slice min-resync-period mirroring-concurrent-service-endpoint-syncs ' +
      'mirroring-max-endpoints-per-subset namespace-sync-period resource-quota-sync-period ' +
      'terminated-pod-gc-threshold',
  ],
  [
    nodes,
    'large-cluster-size-threshold node-eviction-rate node-monitor-grace-period node-monitor-period ' +
      'node-startup-grace-period secondary-node-eviction-rate unhealthy-zone-threshold',
  ],
  [
    addresses,
    'allocate-node-cidrs cidr-allocator-type cluster-cidr node-cidr-mask-size node-cidr-mask-size-ipv4 ' +
      'node-cidr-mask-size-ipv6 service-cluster-ip-range',
  ],
  [
    noCloud,
    'cloud-config cloud-provider cluster-name configure-cloud-routes external-cloud-volume-plugin ' +
      'route-reconciliation-period',
  ],
  [
    volumes,
    'attach-detach-reconcile-sync-period disable-attach-detach-reconcile-sync ' +
      'disable-force-detach-on-timeout enable-hostpath-provisioner flex-volume-plugin-dir ' +
      'pvclaimbinder-sync-period',
  ],
  [
    recycling,
    'pv-recycler-increment-timeout-nfs pv-recycler-minimum-timeout-hostpath pv-recycler-minimum-timeout-nfs ' +
      'pv-recycler-pod-template-filepath-hostpath pv-recycler-pod-template-filepath-nfs ' +
      'pv-recycler-timeout-increment-hostpath',
  ],
  [
    batches,
    'endpoint-updates-batch-period endpointslice-updates-batch-period ' +
      'mirroring-endpointslice-updates-batch-period',
  ],
  [ownVersion, 'emulated-version min-compatibility-version'],
  [
    log,
    'log-flush-frequency log-json-info-buffer-size log-json-split-stream log-text-info-buffer-size ' +
      'log-text-split-stream logging-format v vmodule',
  ],
  ['node --inspect profiles the whole process', 'contention-profiling profiling'],
  ['every controller runs', 'controllers enable-garbage-collector'],
  [
    'it is an argument of the API server here: apiServer.args',
    'allow-metric-labels allow-metric-labels-manifest disabled-metrics show-hidden-metrics-for-version',
  ],
  ['it is the section featureGates', 'feature-gates'],
];

export const absentManagerArguments: Readonly<Record<string, string>> = Object.fromEntries(
  byReason.flatMap(([reason, names]) => names.split(' ').map((name) => [name, reason])),
);
