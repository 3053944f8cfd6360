/** Kinds of the smaller groups: which creations and updates are valid, with upstream's errors. */

import { runCases } from '#testing/kind-cases.ts';

const metadata = { name: 'web', namespace: 'default' };
const clusterWide = { name: 'web' };

runCases([
  {
    kind: ['policy', 'poddisruptionbudgets'],
    valid: { metadata, spec: { minAvailable: 1, selector: { matchLabels: { a: 'b' } } } },
    create: [
      [
        { 'spec.maxUnavailable': '10%' },
        [
          'spec: Invalid value: {"MinAvailable":1,"Selector":{"matchLabels":{"a":"b"}},"MaxUnavailable":"10%","UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set',
        ],
      ],
      [
        { 'spec.minAvailable': '110%' },
        ['spec.minAvailable: Invalid value: "110%": must not be greater than 100%'],
      ],
    ],
    update: [[{ 'spec.minAvailable': 2 }, []]],
  },
  {
    kind: ['', 'persistentvolumeclaims'],
    valid: {
      metadata,
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
    create: [
      [{ 'spec.accessModes': [] }, ['spec.accessModes: Required value: at least 1 access mode is required']],
      [{ 'spec.resources': {} }, ['spec.resources[storage]: Required value']],
      // What is neither a claim nor a snapshot is dropped without a word, as ever.
      [{ 'spec.dataSource': { kind: 'Pod', name: 'x' } }, []],
      [
        { 'spec.dataSourceRef': { kind: 'Pod', name: 'x' } },
        [
          'spec.dataSource: Invalid value: "Pod": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
          'spec.dataSourceRef: Invalid value: "Pod": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
        ],
      ],
      [
        {
          'spec.dataSource': { kind: 'PersistentVolumeClaim', name: 'x' },
          'spec.dataSourceRef': { kind: 'PersistentVolumeClaim', name: 'y' },
        },
        ['spec: Invalid value: {}: must match dataSourceRef'],
      ],
    ],
    update: [
      [{ 'spec.volumeName': 'pv' }, []],
      [
        { 'spec.volumeMode': 'Block' },
        [
          'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n@@ -11,7 +11,7 @@\n  },\n  "VolumeName": "",\n  "StorageClassName": null,\n- "VolumeMode": "Filesystem",\n+ "VolumeMode": "Block",\n  "DataSource": null,\n  "DataSourceRef": null,\n  "VolumeAttributesClassName": null\n',
          'volumeMode: Invalid value: "Block": field is immutable',
        ],
      ],
    ],
  },
  {
    kind: ['', 'persistentvolumes'],
    valid: {
      metadata: clusterWide,
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' } },
    },
    create: [
      [{ 'spec.hostPath': undefined }, ['spec: Required value: must specify a volume type']],
      [
        { 'spec.capacity': { storage: '0' } },
        ['spec.capacity[storage]: Invalid value: "0": must be greater than zero'],
      ],
    ],
    update: [
      [
        { 'spec.hostPath.path': '/other' },
        [
          'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n@@ -2,7 +2,7 @@\n  "GCEPersistentDisk": null,\n  "AWSElasticBlockStore": null,\n  "HostPath": {\n-  "Path": "/data",\n+  "Path": "/other",\n   "Type": ""\n  },\n  "Glusterfs": null,\n',
        ],
      ],
    ],
  },
  {
    kind: ['storage.k8s.io', 'storageclasses'],
    valid: { metadata: clusterWide, provisioner: 'example.com/disk' },
    create: [[{ provisioner: undefined }, ['provisioner: Required value']]],
    update: [[{ provisioner: 'x' }, ['provisioner: Invalid value: "x": field is immutable']]],
  },
  {
    kind: ['scheduling.k8s.io', 'priorityclasses'],
    valid: { metadata: clusterWide, value: 10 },
    create: [
      [
        { value: 1000000001 },
        ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
      ],
      [{ preemptionPolicy: '' }, ['preemptionPolicy: Required value']],
      [
        { 'metadata.name': 'system-mine' },
        [
          "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only",
        ],
      ],
    ],
    update: [[{ value: 11 }, ['value: Forbidden: may not be changed in an update.']]],
  },
  {
    kind: ['', 'resourcequotas'],
    valid: { metadata, spec: { hard: { pods: '10', 'requests.cpu': '2', 'count/deployments.apps': '3' } } },
    create: [
      [
        { 'spec.hard': { cheese: '1' } },
        [
          'spec.hard[cheese]: Invalid value: "cheese": must be a standard resource type or fully qualified',
          'spec.hard[cheese]: Invalid value: "cheese": must be a standard resource for quota',
        ],
      ],
      [
        { 'spec.hard': { pods: '1' }, 'spec.scopes': ['BestEffort', 'NotBestEffort'] },
        ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'],
      ],
      [
        { 'spec.scopes': ['BestEffort'] },
        ['spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource'],
      ],
      [
        { 'spec.hard': { pods: '1' }, 'spec.scopes': ['Some'] },
        ['spec.scopes: Invalid value: ["Some"]: unsupported scope'],
      ],
      [
        { 'spec.scopeSelector': { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In' }] } },
        [
          "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
        ],
      ],
      [
        {
          'spec.scopeSelector': {
            matchExpressions: [{ scopeName: 'Terminating', operator: 'DoesNotExist' }],
          },
        },
        [
          'spec.scopeSelector.matchExpressions.operator: Invalid value: "DoesNotExist": must be \'Exists\' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity',
        ],
      ],
    ],
    update: [
      [
        { 'spec.scopes': ['Terminating'] },
        ['spec.scopes: Invalid value: ["Terminating"]: field is immutable'],
      ],
    ],
  },
  {
    kind: ['', 'limitranges'],
    valid: { metadata, spec: { limits: [{ type: 'Container', max: { cpu: '2' }, min: { cpu: '100m' } }] } },
    create: [
      [
        { 'spec.limits.0.maxLimitRequestRatio': { cpu: '30' } },
        [
          'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "30": ratio 30 is greater than max/min = 20.000000',
        ],
      ],
      [
        {
          'spec.limits.0.default': { 'example.com/gpu': '2' },
          'spec.limits.0.defaultRequest': { 'example.com/gpu': '1' },
        },
        [
          'spec.limits[0].defaultRequest[example.com/gpu]: Invalid value: "1": default value 2 must equal to defaultRequest value 1 in example.com/gpu',
        ],
      ],
      [
        { 'spec.limits.0': { type: 'PersistentVolumeClaim', maxLimitRequestRatio: { foo: '2' } } },
        [
          'spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
          'spec.limits[0].maxLimitRequestRatio[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
        ],
      ],
      [
        { 'spec.limits.0.min': { cpu: '3' } },
        [
          'spec.limits[0].min[cpu]: Invalid value: "3": min value 3 is greater than max value 2',
          'spec.limits[0].defaultRequest[cpu]: Invalid value: "2": min value 3 is greater than default request value 2',
          'spec.limits[0].default[cpu]: Invalid value: "3": min value 3 is greater than default value 2',
        ],
      ],
    ],
    update: [],
  },
  {
    kind: ['apiextensions.k8s.io', 'customresourcedefinitions'],
    valid: {
      metadata: { name: 'foos.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'foos', kind: 'Foo' },
        versions: [
          { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
        ],
      },
    },
    create: [
      [
        { 'metadata.name': 'x' },
        ['metadata.name: Invalid value: "x": must be spec.names.plural+"."+spec.group'],
      ],
      [{ 'spec.versions.0.schema': undefined }, ['spec.versions[0].schema.openAPIV3Schema: Required value']],
    ],
    update: [],
  },
  {
    kind: ['admissionregistration.k8s.io', 'validatingwebhookconfigurations'],
    valid: {
      metadata: clusterWide,
      webhooks: [
        {
          name: 'check.example.com',
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          clientConfig: { service: { name: 'hook', namespace: 'default' } },
        },
      ],
    },
    create: [
      [
        { 'webhooks.0.name': 'check' },
        [
          'webhooks[0].name: Invalid value: "check": should be a domain with at least three segments separated by dots',
        ],
      ],
      [
        { 'webhooks.0.clientConfig': {} },
        ['webhooks[0].clientConfig: Required value: exactly one of url or service is required'],
      ],
      [
        { 'webhooks.0.clientConfig.service.name': '' },
        ['webhooks[0].clientConfig.service.namespace: Required value'],
      ],
      [
        { 'webhooks.0.clientConfig.service.namespace': '' },
        ['webhooks[0].clientConfig.service.name: Required value'],
      ],
      ...(
        [
          [
            { 'webhooks.0.admissionReviewVersions': ['v2'] },
            'admissionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1',
          ],
          [
            { 'webhooks.0.admissionReviewVersions': ['v1', 'v1'] },
            'admissionReviewVersions[1]: Invalid value: "v1": duplicate version',
          ],
          [
            { 'webhooks.0.sideEffects': 'Some' },
            'sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
          ],
          [
            { 'webhooks.0.sideEffects': undefined },
            'sideEffects: Required value: must specify one of None, NoneOnDryRun',
          ],
          [
            { 'webhooks.0.timeoutSeconds': 31 },
            'timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds',
          ],
          [
            { 'webhooks.0.clientConfig': { url: 'http://a/' } },
            'clientConfig.url: Invalid value: "http": \'https\' is the only allowed URL scheme; desired format: https://host[/path]',
          ],
          [
            { 'webhooks.0.clientConfig': { url: 'https:///a' } },
            'clientConfig.url: Invalid value: "": host must be specified; desired format: https://host[/path]',
          ],
          [
            { 'webhooks.0.clientConfig': { url: 'https://u@a/' } },
            'clientConfig.url: Invalid value: "u": user information is not permitted in the URL',
          ],
          [
            { 'webhooks.0.clientConfig': { url: 'https://a/?b' } },
            'clientConfig.url: Invalid value: "b": query parameters are not permitted in the URL',
          ],
          [
            { 'webhooks.0.clientConfig': { url: 'https://a/#b' } },
            'clientConfig.url: Invalid value: "b": fragments are not permitted in the URL',
          ],
          [
            { 'webhooks.0.clientConfig.service.path': '/a//b' },
            'clientConfig.service.path: Invalid value: "/a//b": segment[1] may not be empty',
          ],
          [
            { 'webhooks.0.clientConfig.service.path': 'ab' },
            'clientConfig.service.path: Invalid value: "ab": must start with a \'/\'',
          ],
          [
            { 'webhooks.0.matchConditions': [{ name: 'a', expression: '1 + 1' }] },
            'matchConditions[0].expression: Invalid value: "1 + 1": must evaluate to bool but got int',
          ],
          [
            { 'webhooks.0.matchConditions': [{ name: '', expression: 'true' }] },
            'matchConditions[0].name: Required value',
          ],
          [
            { 'webhooks.0.matchConditions': [{ name: 'a', expression: ' ' }] },
            'matchConditions[0].expression: Required value',
          ],
          [
            { 'webhooks.0.matchConditions': [{ name: 'a', expression: 'params.x' }] },
            "matchConditions[0].expression: Invalid value: \"params.x\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')\n | params.x\n | ^",
          ],
          [
            {
              'webhooks.0.matchConditions': [
                { name: 'a', expression: 'true' },
                { name: 'a', expression: 'true' },
              ],
            },
            'matchConditions[1].name: Duplicate value: "a"',
          ],
        ] as const
      ).map(([changes, error]) => [changes, [`webhooks[0].${error}`]] as [Record<string, unknown>, string[]]),
      ...(
        [
          [{ resources: [] }, 'resources: Required value'],
          [
            { resources: ['pods/*', 'pods/status'] },
            'resources[1]: Invalid value: "pods/status": if \'pods/*\' is present, must not specify pods/status',
          ],
          [
            { resources: ['*/scale', 'a/scale'] },
            'resources[1]: Invalid value: "a/scale": if \'*/scale\' is present, must not specify a/scale',
          ],
          [
            { resources: ['*/*', 'pods'] },
            'resources: Invalid value: ["*/*","pods"]: if \'*/*\' is present, must not specify other resources',
          ],
          [
            { resources: ['*', 'pods'] },
            'resources: Invalid value: ["*","pods"]: if \'*\' is present, must not specify other resources without subresources',
          ],
          [{ apiVersions: [''] }, 'apiVersions[0]: Required value'],
          [
            { apiGroups: ['*', 'a'] },
            'apiGroups: Invalid value: ["*","a"]: if \'*\' is present, must not specify other API groups',
          ],
          [
            { operations: ['READ'] },
            'operations[0]: Unsupported value: "READ": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
          ],
          [
            { scope: 'All' },
            'scope: Unsupported value: "All": supported values: "*", "Cluster", "Namespaced"',
          ],
        ] as const
      ).map(([changes, error]) => {
        const rule = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] };
        return [{ 'webhooks.0.rules': [{ ...rule, ...changes }] }, [`webhooks[0].rules[0].${error}`]] as [
          Record<string, unknown>,
          string[],
        ];
      }),
    ],
    update: [],
  },
  {
    kind: ['networking.k8s.io', 'ingressclasses'],
    valid: { metadata: clusterWide, spec: { controller: 'example.com/ingress' } },
    create: [
      [
        { 'spec.parameters': { kind: 'k', name: 'n', scope: 'Namespace', namespace: '' } },
        [
          "spec.parameters.namespace: Invalid value: \"\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
        ],
      ],
      [
        { 'spec.controller': 'nginx' },
        ['spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo")'],
      ],
    ],
    update: [
      [{ 'spec.controller': 'a.b/c' }, ['spec.controller: Invalid value: "a.b/c": field is immutable']],
    ],
  },
  {
    kind: ['certificates.k8s.io', 'certificatesigningrequests'],
    valid: {
      metadata: clusterWide,
      spec: {
        signerName: 'example.com/s',
        request: Buffer.from('-----BEGIN CERTIFICATE REQUEST-----').toString('base64'),
        usages: ['client auth'],
      },
    },
    create: [
      [{ 'metadata.name': 'Any_Name' }, []],
      [{ 'metadata.name': 'a/b' }, ['metadata.name: Invalid value: "a/b": may not contain \'/\'']],
      [
        { 'spec.usages': ['client auth', 'server auth', 'client auth'] },
        ['spec.usages[2]: Duplicate value: "client auth"'],
      ],
    ],
    update: [],
  },
  {
    kind: ['networking.k8s.io', 'ipaddresses'],
    valid: { metadata: { name: '10.0.0.1' }, spec: { parentRef: { resource: 'services', name: 'a' } } },
    create: [
      [{ 'spec.parentRef': undefined }, ['spec.parentRef: Required value']],
      [{ 'spec.parentRef.name': '' }, ['spec.parentRef.name: Required value']],
      [
        { 'spec.parentRef.group': 'A', 'spec.parentRef.namespace': 'a/b' },
        [
          "spec.parentRef.group: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
          'spec.parentRef.namespace: Invalid value: "a/b": may not contain \'/\'',
        ],
      ],
      [
        { 'metadata.name': '10.0.0.01' },
        ['metadata.name: Invalid value: "10.0.0.01": must not have leading 0s'],
      ],
      [
        { 'metadata.name': 'fd00:0::1' },
        ['metadata.name: Invalid value: "fd00:0::1": must be in canonical form ("fd00::1")'],
      ],
    ],
    update: [
      [
        { 'spec.parentRef.name': 'b' },
        [
          'spec.parentRef: Invalid value: {"Group":"","Resource":"services","Namespace":"","Name":"b"}: field is immutable',
        ],
      ],
      [
        { 'spec.parentRef': undefined },
        ['spec.parentRef: Required value', 'spec.parentRef: Invalid value: null: field is immutable'],
      ],
    ],
  },
  {
    kind: ['networking.k8s.io', 'servicecidrs'],
    valid: { metadata: { name: 'more' }, spec: { cidrs: ['10.97.0.0/16'] } },
    create: [
      [{ 'spec.cidrs': [] }, ['spec.cidrs: Required value: at least one CIDR required']],
      [
        { 'spec.cidrs': ['10.97.0.1/16'] },
        ['spec.cidrs[0]: Invalid value: "10.97.0.1/16": must not have bits set beyond the prefix length'],
      ],
      [
        { 'spec.cidrs': ['10.97.0.0/16', '10.98.0.0/16'] },
        [
          'spec.cidrs: Invalid value: ["10.97.0.0/16","10.98.0.0/16"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
        ],
      ],
      [{ 'spec.cidrs': ['10.97.0.0/16', 'fd00::/112'] }, []],
    ],
    update: [
      [
        { 'spec.cidrs': ['10.98.0.0/16'] },
        ['spec.cidrs[0]: Invalid value: "10.98.0.0/16": field is immutable'],
      ],
      [{ 'spec.cidrs': ['10.97.0.0/16', 'fd00::/112'] }, []],
      [{ 'spec.cidrs': undefined }, ['spec.cidrs: Invalid value: null: field is immutable']],
    ],
  },
]);
