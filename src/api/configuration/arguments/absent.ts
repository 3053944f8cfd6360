/** Arguments of upstream's API server v1.36 that kybern does not have, and what there is in the place of each. */

const ownStore = 'kybern keeps the state in a store of its own: kybern up --store';
const oneServer = 'a cluster has one API server';
const log = 'KYBERN_LOG sets what is logged: debug, info, warn or error';
const kubeletCertificates =
  'the cluster issues the certificates of the API server and its kubelets for each other';
const ownVersion = 'kybern has the behaviour of its own version only';
const leases = 'coordinated leader election is off at v1.36, and kybern does not have it';

export const absentArguments: Readonly<Record<string, string>> = {
  'admission-control': 'it is deprecated: use enable-admission-plugins and disable-admission-plugins',
  'advertise-address': 'pods reach the API server at the address of their node',
  'allow-metric-labels': 'the values of labels are bounded by kybern itself',
  'allow-metric-labels-manifest': 'the values of labels are bounded by kybern itself',
  'bind-address':
    'the API server listens on 127.0.0.1 and at the address of the node; kybern up --port sets the port',
  'cert-dir': 'certificates are kept with the cluster',
  'coordinated-leadership-lease-duration': leases,
  'coordinated-leadership-renew-deadline': leases,
  'coordinated-leadership-retry-period': leases,
  'debug-socket-path': 'profiles come from the inspector of Node: NODE_OPTIONS=--inspect',
  'egress-selector-config-file': 'kybern connects to webhooks, issuers and kubelets without a proxy',
  'etcd-cafile': ownStore,
  'etcd-certfile': ownStore,
  'etcd-compaction-interval': ownStore,
  'etcd-count-metric-poll-period': ownStore,
  'etcd-db-metric-poll-interval': ownStore,
  'etcd-healthcheck-timeout': ownStore,
  'etcd-keyfile': ownStore,
  'etcd-prefix': ownStore,
  'etcd-readycheck-timeout': ownStore,
  'etcd-servers': ownStore,
  'etcd-servers-overrides': ownStore,
  'kubelet-certificate-authority': kubeletCertificates,
  'kubelet-client-certificate': kubeletCertificates,
  'kubelet-client-key': kubeletCertificates,
  'kubelet-timeout': 'a kubelet that does not answer a connection is given up after 30s',
  'lease-reuse-duration-seconds': ownStore,
  'log-flush-frequency': log,
  'log-json-info-buffer-size': log,
  'log-json-split-stream': log,
  'log-text-info-buffer-size': log,
  'log-text-split-stream': log,
  'max-connection-bytes-per-sec': 'kybern does not throttle connections',
  'min-compatibility-version': ownVersion,
  'peer-advertise-ip': oneServer,
  'peer-advertise-port': oneServer,
  'peer-ca-file': oneServer,
  'secure-port': 'the port is set by kybern up --port',
  'service-account-signing-endpoint': 'use service-account-signing-key-file',
  'show-hidden-metrics-for-version': 'kybern hides no metrics',
  'storage-backend': ownStore,
  'storage-initialization-timeout': ownStore,
  'tracing-config-file': 'kybern exports no traces',
  v: log,
  vmodule: log,
  'watch-cache-sizes': 'all objects are served from memory, whatever their number',
};
