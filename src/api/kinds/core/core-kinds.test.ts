/** Kinds of the core group without a test of their own: which creations and updates are valid. */

import { runCases } from '#testing/kind-cases.ts';

const metadata = { name: 'web', namespace: 'default', uid: 'u1' };

runCases([
  {
    kind: ['', 'services'],
    valid: { metadata, spec: { selector: { app: 'web' }, ports: [{ port: 80 }], clusterIP: '10.96.0.10' } },
    create: [
      [{ 'spec.ports': [] }, ['spec.ports: Required value']],
      [
        { 'metadata.name': 'Web' },
        [
          "metadata.name: Invalid value: \"Web\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
        ],
      ],
      [{ 'metadata.name': '1web' }, []],
      [
        { 'spec.type': 'Other' },
        [
          'spec.type: Unsupported value: "Other": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
        ],
      ],
      [{ 'spec.ports': [{ port: 80 }, { port: 81, name: 'b' }] }, ['spec.ports[0].name: Required value']],
      [
        { 'spec.ports.0.port': 0 },
        [
          'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
          'spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive',
        ],
      ],
      [
        { 'spec.ports.0.nodePort': 30000 },
        ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
      ],
      [
        { 'spec.clusterIP': 'None', 'spec.type': 'NodePort' },
        ['spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services'],
      ],
    ],
    update: [
      [{ 'spec.clusterIP': undefined }, []],
      [{ 'spec.ports.0.port': 81 }, []],
      [
        { 'spec.clusterIP': '10.96.0.11' },
        ['spec.clusterIPs[0]: Invalid value: ["10.96.0.11"]: may not change once set'],
      ],
      [{ 'spec.type': 'ExternalName', 'spec.externalName': 'example.com' }, []],
    ],
  },
  {
    kind: ['', 'configmaps'],
    valid: { metadata, immutable: true, data: { a: 'b' } },
    create: [
      [
        { 'data.a/b': 'c' },
        [
          "data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
        ],
      ],
      [{ 'binaryData.a': 'YQ==' }, ['data[a]: Invalid value: "a": duplicate of key present in binaryData']],
    ],
    update: [
      [{ 'metadata.labels': { a: 'b' } }, []],
      [{ 'data.a': 'c' }, ['data: Forbidden: field is immutable when `immutable` is set']],
      [{ immutable: false }, ['immutable: Forbidden: field is immutable when `immutable` is set']],
    ],
  },
  {
    kind: ['', 'secrets'],
    valid: { metadata, data: { a: 'YQ==' } },
    create: [
      [{ type: 'kubernetes.io/tls' }, ['data[tls.crt]: Required value', 'data[tls.key]: Required value']],
      [
        { type: 'kubernetes.io/service-account-token' },
        ['metadata.annotations[kubernetes.io/service-account.name]: Required value'],
      ],
      [
        { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'eA==' } },
        [
          `data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid character 'x' looking for beginning of value`,
        ],
      ],
    ],
    update: [
      [{ type: 'kubernetes.io/other' }, ['type: Invalid value: "kubernetes.io/other": field is immutable']],
    ],
  },
  {
    kind: ['', 'namespaces'],
    valid: { metadata: { name: 'web' } },
    create: [
      [{ 'metadata.namespace': 'x' }, ['metadata.namespace: Forbidden: not allowed on this type']],
      [{ 'metadata.name': 'a.b' }, ['metadata.name: Invalid value: "a.b": must not contain dots']],
    ],
    update: [[{ 'metadata.annotations': { a: 'b' } }, []]],
  },
  {
    kind: ['', 'nodes'],
    valid: { metadata: { name: 'n1' }, spec: { podCIDR: '10.244.0.0/24', providerID: 'x://1' } },
    create: [
      [
        { 'spec.taints': [{ key: 'a', effect: 'Maybe' }] },
        [
          'metadata.taints[0].effect: Unsupported value: "Maybe": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
        ],
      ],
    ],
    update: [
      [{ 'spec.unschedulable': true }, []],
      [
        { 'spec.providerID': 'y' },
        ['spec.providerID: Forbidden: node updates may not change providerID except from "" to valid'],
      ],
    ],
  },
  {
    kind: ['rbac.authorization.k8s.io', 'rolebindings'],
    valid: {
      metadata: { name: 'system:b', namespace: 'default' },
      roleRef: { kind: 'Role', name: 'r' },
      subjects: [{ kind: 'User', name: 'jane' }],
    },
    create: [
      [
        { 'roleRef.kind': 'Rule' },
        ['roleRef.kind: Unsupported value: "Rule": supported values: "Role", "ClusterRole"'],
      ],
      [{ 'metadata.name': 'a/b' }, ['metadata.name: Invalid value: "a/b": may not contain \'/\'']],
    ],
    update: [
      [{ subjects: [] }, []],
      [
        { 'roleRef.name': 's' },
        [
          'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"s"}: cannot change roleRef',
        ],
      ],
    ],
  },
  {
    kind: ['rbac.authorization.k8s.io', 'roles'],
    valid: { metadata, rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }] },
    create: [
      [{ 'rules.0.verbs': [] }, ['rules[0].verbs: Required value: verbs must contain at least one value']],
      [
        { 'rules.0': { verbs: ['get'], nonResourceURLs: ['/x'] } },
        [
          'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
        ],
      ],
    ],
    update: [],
  },
  {
    kind: ['', 'endpoints'],
    valid: { metadata, subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] },
    create: [
      [
        { 'subsets.0.addresses.0.ip': '127.0.0.1' },
        [
          'subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
        ],
      ],
    ],
    update: [],
  },
  {
    kind: ['discovery.k8s.io', 'endpointslices'],
    valid: { metadata, addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports: [{ port: 80 }] },
    create: [
      [
        { 'endpoints.0.addresses': [] },
        ['endpoints[0].addresses: Required value: must contain at least 1 address'],
      ],
      [
        { addressType: 'X', endpoints: [] },
        ['addressType: Unsupported value: "X": supported values: "FQDN", "IPv4", "IPv6"'],
      ],
      [
        { addressType: 'IPv6' },
        ['endpoints[0].addresses: Invalid value: "10.0.0.1": must be an IPv6 address'],
      ],
      [{ addressType: 'FQDN', 'endpoints.0.addresses': [''] }, ['endpoints[0].addresses[0]: Required value']],
    ],
    update: [
      [{ addressType: 'IPv6', endpoints: [] }, ['addressType: Invalid value: "IPv6": field is immutable']],
    ],
  },
  {
    kind: ['', 'events'],
    valid: { metadata, involvedObject: { namespace: 'default', name: 'x', kind: 'Pod' } },
    create: [
      [
        { 'involvedObject.namespace': 'other' },
        ['involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
      ],
    ],
    update: [],
  },
  {
    kind: ['coordination.k8s.io', 'leases'],
    valid: { metadata, spec: { leaseDurationSeconds: 10 } },
    create: [
      [
        { 'spec.leaseDurationSeconds': 0 },
        ['spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0'],
      ],
    ],
    update: [],
  },
]);
