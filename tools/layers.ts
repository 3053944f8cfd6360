/**
 * The walls of ARCHITECTURE.md as data: which folder of `src/` may import which, the order of the rooms in
 * each, and who may touch the machine.
 */

const core = ['base', 'wire', 'api', 'pki', 'host', 'client'];

/**
 * By folder of `src/`, the folders it may import. `main.ts` counts as the folder `main`. A folder may always
 * import itself.
 */
export const layers: Readonly<Record<string, readonly string[]>> = {
  base: [],
  wire: ['base'],
  api: ['base', 'wire'],
  pki: ['base'],
  host: ['base'],
  store: ['base', 'wire', 'host'],
  client: ['base', 'wire', 'api', 'host'],
  apiserver: ['base', 'wire', 'api', 'pki', 'host', 'store', 'client'],
  controllers: ['base', 'api', 'client'],
  scheduler: ['base', 'wire', 'api', 'client'],
  kubelet: core,
  network: ['base', 'api', 'host', 'client'],
  storage: ['base', 'api', 'host', 'client'],
  dns: core,
  ingress: core,
  cli: core,
  helm: ['base', 'wire', 'api', 'client'],
  dashboard: ['base', 'wire', 'api', 'host', 'client'],
  cluster: ['*'],
  testing: ['*'],
  main: ['cli', 'cluster', 'host', 'base'],
};

/**
 * The rooms of a folder, from the ground floor up. A room may import the floors below its own, no other room
 * of its floor. A file beside the rooms that is not listed stands above all of them.
 */
export const floors: Readonly<Record<string, readonly string[]>> = {
  'src/api': [
    'go',
    'values',
    'schema',
    'fields protobuf validation',
    'meta',
    'autoscaling discovery generated http openapi',
    'configuration pods selectors',
    'cel',
    'devices kind nodes',
    'custom resource-metrics volumes',
    'kinds',
  ],
  'src/api/cel': [
    'types',
    'contract.ts',
    'values',
    'schema syntax',
    'declarations',
    'library',
    'check',
    'cost',
    'evaluate',
    'environments',
    'compile.ts',
    'composition.ts condition.ts',
    'testing',
  ],
  'src/api/cel/library': ['addresses calendar.ts format patches', 'standard urls'],
  'src/api/custom': [
    'conversion paths structural-schema.ts',
    'field-path.ts object-metadata.ts prune.ts validate',
    'embedded-objects.ts rules',
    'definitions openapi',
  ],
  'src/api/configuration': [
    'argument.ts config-file.ts error.ts',
    'arguments read-arguments.ts',
    'kubelet manager registries scheduler',
  ],
  'src/api/kinds': [
    'certificates coordination events extensions flowcontrol pods rbac reviews scheduling services',
    'autoscaling core networking nodes resource storage',
    'apps',
    'batch policy',
  ],
  'src/api/kinds/pods': ['validation', 'defaults'],
  'src/api/kinds/pods/validation': [
    'downward.ts paths.ts resources scheduling',
    'containers volumes',
    'annotations.ts',
    'warnings',
  ],
  'src/api/volumes': ['in-tree'],
  'src/apiserver': [
    'contract',
    'outgoing',
    'audit authn authz cache flowcontrol',
    'bootstrap list-encodings',
    'registry',
    'request',
    'codec',
    'non-resource storage',
    'admission verbs',
    'custom-resources resource-metrics subresources',
    'aggregation',
    'chain',
    'http',
    'server',
    'testing',
  ],
  'src/apiserver/admission': [
    'by-request.ts match.ts objects timing',
    'expressions',
    'certificates classes namespaces node-restriction off-by-default pod-security pods policies quota volumes webhooks',
    'configuration',
  ],
  'src/apiserver/admission/policies': [
    'exempt-resources.ts match-policy.ts params.ts',
    'policy-variables.ts',
    'condition.ts',
    'bound-policies.ts match-conditions.ts policy-metrics.ts',
    'param-access.ts policy-options.ts',
    'mutating validating',
  ],
  'src/apiserver/audit': ['policy.ts', 'event.ts', 'audit-metrics.ts sink.ts', 'backends'],
  'src/apiserver/authn': ['service-account-tokens.ts', 'tokens', 'oidc'],
  'src/apiserver/authz': [
    'forbidden-text.ts rule.ts rules.ts',
    'rbac.ts',
    'impersonation node policies webhook',
    'authors',
  ],
  'src/apiserver/chain': ['stage.ts', 'answer', 'access'],
  'src/apiserver/codec': ['decode', 'encode', 'lists'],
  'src/apiserver/flowcontrol': [
    'deadlines.ts thread-flow.ts',
    'parked-connections.ts',
    'thread-turns.ts',
    'metrics shutdown',
    'queues',
    'levels',
    'exposition',
  ],
  'src/apiserver/http': ['certificates'],
  'src/apiserver/storage': ['store-failure.ts', 'encryption read service-ips', 'write'],
  'src/apiserver/storage/encryption': [
    'transformer.ts',
    'prefixed.ts',
    'aes.ts identity.ts secretbox.ts',
    'kms',
  ],
  'src/apiserver/storage/service-ips': [
    'given-addresses.ts number-range.ts',
    'range-record.ts service-ranges.ts',
    'allocation-metrics.ts',
    'service-addresses.ts',
    'repair',
  ],
  'src/apiserver/storage/write': [
    'managed-fields',
    'subresource-parts.ts write.ts',
    'object-size.ts',
    'chain',
  ],
  'src/apiserver/subresources': ['body.ts connections', 'proxy reviews'],
  'src/apiserver/verbs': ['list watch'],
  'src/base': ['collections metrics net text'],
  'src/cli': ['shared', 'kybern'],
  'src/cli/kybern': ['doctor down.ts', 'delete.ts', 'image join up', 'node'],
  'src/client': ['client.ts queue transport', 'events informers rest', 'controllers election'],
  'src/cluster': [
    'joining process readiness.ts started-parts.ts state',
    'cluster-options.ts',
    'control-plane',
    'nodes',
    'agent',
  ],
  'src/cluster/agent': ['certificates'],
  'src/controllers/cloud': ['cloud-provider.ts', 'load-balancers', 'local'],
  'src/controllers': [
    'shared',
    'autoscaling certificates cloud disruption garbage-collector namespaces nodes policies resource-claims services template tokens volumes',
    'workloads',
  ],
  'src/controllers/autoscaling': ['pace replicas', 'decide', 'sources'],
  'src/controllers/shared': ['ownership'],
  'src/controllers/volumes': [
    'csi-volumes.ts pods-by-claim.ts',
    'volume-counts.ts',
    'attach-detach binder',
    'reclaim',
  ],
  'src/controllers/workloads': ['daemon-set deployment job replica-set stateful-set', 'cron-job'],
  'src/dns': ['message', 'zone', 'upstream', 'configuration'],
  'src/dns/configuration': ['dns-configuration.ts invalid.ts', 'corefile'],
  'src/host': [
    'archives http memory processes',
    'files',
    'kernel network',
    'images',
    'containerd haproxy',
    'home',
  ],
  'src/ingress': ['model', 'haproxy', 'data-path objects', 'gateways ingresses'],
  'src/ingress/ingresses': ['annotations'],
  'src/host/kernel': ['capabilities.ts', 'cgroups cpus numa'],
  'src/host/network': ['links'],
  'src/kubelet': [
    'grpc paths pod',
    'topology',
    'registration runtime',
    'cri decide usage',
    'devices',
    'config images',
    'admission probes volumes',
    'csi',
    'machine worker',
    'eviction',
    'node',
    'server',
    'simulated',
  ],
  'src/kubelet/cri': ['cdi'],
  'src/kubelet/csi': [
    'csi-driver.ts csi-metrics.ts csi.gen.json volume-capability.ts volume-data.ts volumes-in-use.ts',
    'attachment.ts node-calls.ts publish-attributes.ts volume-limits.ts',
    'record volumes',
  ],
  'src/kubelet/pod': ['pod.ts', 'objects'],
  'src/kubelet/server': ['pod-resources refusal.ts stats', 'routes.ts', 'streams'],
  'src/kubelet/volumes': [
    'token-cache.ts volume-metrics.ts',
    'volume.ts',
    'ownership.ts',
    'claims images persistent written',
  ],
  'src/kubelet/devices': ['container-devices.ts', 'claims plugins'],
  'src/kubelet/devices/claims': ['prepared-claim.ts', 'health'],
  'src/kubelet/devices/plugins': ['device.ts deviceplugin.gen.json', 'allocations.ts', 'checkpoint'],
  'src/kubelet/eviction': ['evictable.ts', 'preemption pressure shutdown'],
  'src/kubelet/images': ['registries'],
  'src/kubelet/node': [
    'extended-resources.ts known-status.ts lease.ts pod-source.ts status.ts',
    'agent.ts cpus memory static',
    'pod-assignment.ts',
    'options.ts',
    'real',
  ],
  'src/kubelet/worker': ['hooks.ts', 'resize', 'status', 'ending'],
  'src/network': ['nft', 'pods policies services'],
  'src/network/policies': ['rules', 'peers', 'table'],
  'src/network/services': ['frontends', 'table'],
  'src/scheduler': [
    'devices',
    'cache metrics',
    'framework.ts',
    'cycle queue',
    'extenders plugins',
    'profiles',
  ],
  'src/scheduler/plugins': ['normalize.ts', 'devices resources volumes', 'nodes', 'topology'],
  'src/storage': ['node', 'volumes'],
  'src/store': ['errors.ts store.ts', 'mvcc', 'memory sqlite'],
  'src/store/sqlite': ['row-checksum.ts', 'format.ts', 'file.ts', 'damage'],
  'src/testing': [
    'next-due.ts',
    'objects.ts upstream-tables virtual-clock.ts',
    'cli kubelet library network objects scheduling server store',
    'controllers',
    'dns',
  ],
  'src/wire': ['json', 'patch yaml'],
  'src/wire/yaml': ['write'],
};

/** The lists of parts: each part that such a list imports has its own test file beside it. */
export const partLists = [
  'src/apiserver/admission/plugins.ts',
  'src/cli/kybern/commands.ts',
  'src/controllers/list.ts',
  'src/kubelet/volumes/plugins.ts',
  'src/scheduler/plugins/list.ts',
];

/** A folder with more entries than this, tests included, needs rooms. */
export const entriesMax = 24;

/** Folders that only compute: even the type of a `node:` module has no place there. */
export const pureFolders = ['base', 'wire', 'api', 'pki', 'controllers', 'scheduler'];

/** `node:` modules that only compute. */
export const computingModules = [
  'assert',
  'assert/strict',
  'buffer',
  'crypto',
  'path',
  'url',
  'util',
  'zlib',
];

export interface Edge {
  /** A file or a folder. */
  readonly path: string;
  readonly allows: readonly string[];
  readonly reason: string;
}

/** Outside `host`, where a `node:` module is opened that does more than compute. */
export const machineEdges: readonly Edge[] = [
  {
    path: 'src/store/sqlite',
    allows: ['fs', 'sqlite', 'worker_threads'],
    reason: 'the database file, and the thread that writes it',
  },
  { path: 'src/apiserver/http', allows: ['http2', 'tls'], reason: 'the connections of the API server' },
  {
    path: 'src/apiserver/outgoing',
    allows: ['tls'],
    reason: 'connections to webhooks',
  },
  {
    path: 'src/apiserver/aggregation',
    allows: ['http', 'https', 'tls'],
    reason: 'connections to extension API servers',
  },
  {
    path: 'src/apiserver/request/yaml-worker.ts',
    allows: ['worker_threads'],
    reason: 'a thread of its own reads large YAML',
  },
  {
    path: 'src/kubelet/cri/cdi/cdi-spec-worker.ts',
    allows: ['worker_threads'],
    reason: 'a thread of its own reads large specifications of devices',
  },
  {
    path: 'src/kubelet/node/static/manifest-worker.ts',
    allows: ['worker_threads'],
    reason: 'a thread of its own reads large manifests of static pods',
  },
  {
    path: 'src/apiserver/subresources',
    allows: ['dns', 'events', 'http', 'https', 'net', 'stream', 'tls'],
    reason: 'connections to nodes, pods and services, for exec, logs and the proxy',
  },
  {
    path: 'src/kubelet/server/system-logs.ts',
    allows: ['fs', 'fs/promises', 'stream/promises'],
    reason: "the node's own log files, which the kubelet serves",
  },
  {
    path: 'src/pki/certificate.ts',
    allows: ['net'],
    reason: 'only to distinguish an IP address from a name',
  },
  {
    path: 'src/cli',
    allows: ['child_process', 'events', 'fs', 'os'],
    reason: "the user's files, and the process behind a cluster",
  },
  { path: 'src/cluster', allows: ['fs', 'os'], reason: "the cluster's files, and the machine's name" },
];

/** Outside `host`, where a timer, the date or chance does not come from `Env`. */
export const timeEdges: readonly Edge[] = [
  {
    path: 'src/apiserver/http/idle-sessions.ts',
    allows: ['setTimeout'],
    reason: 'the idle time of an HTTP/2 session, which the session counts itself',
  },
  {
    path: 'src/kubelet/server/streams/spdy.ts',
    allows: ['setImmediate'],
    reason: 'zlib calls back from a flush before it hands out the last chunk',
  },
];

export interface KindEdge {
  /** A file or a folder. */
  readonly path: string;
  readonly reason: string;
}

/** Outside `api/kinds`, where code may compare the name of a resource. */
export const kindEdges: readonly KindEdge[] = [
  { path: 'src/apiserver/authz/authors/escalation.ts', reason: 'the rules about the kinds of RBAC itself' },
  {
    path: 'src/controllers/namespaces/namespace-content.ts',
    reason: 'pods go before all that they use, and only they take time to end',
  },
  {
    path: 'src/apiserver/storage/service-ips',
    reason: 'an IPAddress names what it belongs to by group and resource',
  },
];

export interface WordEdge {
  /** A file or a folder. */
  readonly path: string;
  /** In lower case. */
  readonly allows: readonly string[];
  readonly reason: string;
}

/** Where a word of `tools/walls/words.ts` may stand. */
export const wordEdges: readonly WordEdge[] = [
  {
    path: 'src/controllers/namespaces',
    allows: ['signs'],
    reason: 'a certificate authority signs, in the description of upstream\u2019s kube-root-ca.crt',
  },
  {
    path: 'test/support/images.ts',
    allows: ['nobody'],
    reason: 'a user of /etc/passwd',
  },
  {
    path: 'src/apiserver/subresources/reviews/token-request.ts',
    allows: ['signs'],
    reason: 'a token is signed',
  },
];

/** Rooms whose comments and names are not cured yet: the wall of words does not hold there. */
export const roomsInHouseWords: readonly string[] = [];
