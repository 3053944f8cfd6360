import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ProtobufDecoder } from '../protobuf/decode.ts';
import { ProtobufEncoder } from '../protobuf/encode.ts';
import { decodeInto } from './decode.ts';
import { loadSchema } from './load-schema.ts';

const schema = loadSchema();
const podType = 'io.k8s.api.core.v1.Pod';
const deploymentType = 'io.k8s.api.apps.v1.Deployment';

test('a body – decoded – has the fields of the Go struct, empty lists and maps too', () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', creationTimestamp: null, labels: {}, annotations: { a: null } },
    spec: {
      containers: [
        {
          name: 'a',
          resources: { limits: { cpu: '0.5', memory: 1024 }, requests: { memory: '1024Mi' } },
          command: [],
          livenessProbe: { httpGet: { port: '80' } },
        },
      ],
      volumes: [{ name: 'v', emptyDir: {} }],
      hostNetwork: false,
      nodeName: '',
      automountServiceAccountToken: false,
    },
    status: { startTime: '2026-01-02T03:04:05.678+02:00' },
  };
  assert.deepEqual(decodeInto(schema, podType, pod), []);
  assert.deepEqual(pod, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', labels: {}, annotations: { a: '' } },
    spec: {
      containers: [
        {
          name: 'a',
          resources: { limits: { cpu: '500m', memory: '1024' }, requests: { memory: '1Gi' } },
          command: [],
          livenessProbe: { httpGet: { port: '80' } },
        },
      ],
      volumes: [{ name: 'v', emptyDir: {} }],
      automountServiceAccountToken: false,
    },
    status: { startTime: '2026-01-02T01:04:05Z' },
  });
});

test('unknown fields – are dropped and reported with their path', () => {
  const pod = { foo: 1, spec: { containers: [{ name: 'a', imag: 'x' }], bar: {} }, metadata: { label: {} } };
  assert.deepEqual(decodeInto(schema, podType, pod), [
    'foo',
    'spec.containers[0].imag',
    'spec.bar',
    'metadata.label',
  ]);
  assert.deepEqual(pod, {
    spec: { containers: [{ name: 'a', resources: {} }] },
    metadata: {},
    status: {},
  });
});

const definitionType = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition';
const definitionOf = (openAPIV3Schema: object) => ({
  spec: { versions: [{ name: 'v1', schema: { openAPIV3Schema } }] },
});

test('a field that holds a schema or something else – decoded – takes what Go takes, and reports no unknown fields in it', () => {
  const rows: [given: object, decoded: object][] = [
    [{ items: { typ: 1, type: 'string' } }, { items: { type: 'string' } }],
    [{ items: [{ typ: 1 }, null] }, { items: [{}, {}] }],
    [{ items: 'x' }, {}],
    [{ items: [] }, {}],
    [{ additionalProperties: { typ: 1 } }, { additionalProperties: {} }],
    [{ additionalItems: false }, { additionalItems: false }],
    [{ dependencies: { a: ['b'], c: { typ: 1 } } }, { dependencies: { a: ['b'], c: {} } }],
  ];
  for (const [given, decoded] of rows) {
    const definition = definitionOf(given);
    assert.deepEqual(decodeInto(schema, definitionType, definition), []);
    assert.deepEqual(definition.spec.versions[0]!.schema.openAPIV3Schema, decoded);
  }
  const definition = definitionOf({ properties: { a: { items: {}, typ: 1 } } });
  assert.deepEqual(decodeInto(schema, definitionType, definition), [
    'spec.versions[0].schema.openAPIV3Schema.properties.a.typ',
  ]);
});

const at = 'JSONSchemaProps.spec.versions.schema.openAPIV3Schema';

describe('a wrong type – has the message of encoding/json', () => {
  const cases: [string, object, string][] = [
    [
      definitionType,
      definitionOf({ items: [1] }),
      `json: cannot unmarshal number into Go struct field ${at}.items of type v1.JSONSchemaProps`,
    ],
    [
      definitionType,
      definitionOf({ properties: { a: { items: { type: 1 } } } }),
      `json: cannot unmarshal number into Go struct field ${at}.properties.items.type of type string`,
    ],
    [
      definitionType,
      definitionOf({ dependencies: { a: [1] } }),
      `json: cannot unmarshal number into Go struct field ${at}.dependencies of type string`,
    ],
    [definitionType, definitionOf({ additionalProperties: 'x' }), 'boolean or JSON schema expected'],
    [
      podType,
      { spec: { containers: [{ securityContext: { capabilities: { add: 'x' } } }] } },
      'json: cannot unmarshal string into Go struct field Capabilities.spec.containers.securityContext.capabilities.add of type []v1.Capability',
    ],
    [
      podType,
      { spec: { containers: [{ securityContext: { capabilities: { add: [5] } } }] } },
      'json: cannot unmarshal number into Go struct field Capabilities.spec.containers.securityContext.capabilities.add of type v1.Capability',
    ],
    [
      podType,
      { spec: { overhead: 'x' } },
      'json: cannot unmarshal string into Go struct field PodSpec.spec.overhead of type v1.ResourceList',
    ],
    [
      'io.k8s.api.resource.v1.CapacityRequirements',
      { requests: 'x' },
      'json: cannot unmarshal string into Go struct field CapacityRequirements.requests of type map[v1.QualifiedName]resource.Quantity',
    ],
    [
      'io.k8s.api.authorization.v1.SubjectAccessReviewSpec',
      { extra: { a: 5 } },
      'json: cannot unmarshal number into Go struct field SubjectAccessReviewSpec.extra of type v1.ExtraValue',
    ],
    [
      deploymentType,
      { spec: { replicas: 'x' } },
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      deploymentType,
      { spec: { replicas: 1.5 } },
      'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      podType,
      { spec: { containers: [{ image: 5 }] } },
      'json: cannot unmarshal number into Go struct field Container.spec.containers.image of type string',
    ],
    [
      podType,
      { spec: { restartPolicy: {} } },
      'json: cannot unmarshal object into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy',
    ],
    [
      podType,
      { metadata: { labels: { a: true } } },
      'json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string',
    ],
    [
      podType,
      { spec: { containers: {} } },
      'json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container',
    ],
    [
      podType,
      { spec: { containers: [{ resources: { limits: { cpu: 'x' } } }] } },
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      podType,
      { spec: { volumes: [{ secret: { defaultMode: 'x' } }] } },
      'json: cannot unmarshal string into Go struct field SecretVolumeSource.spec.volumes.VolumeSource.secret.defaultMode of type int32',
    ],
    [
      podType,
      { metadata: { creationTimestamp: '2026-01-01' } },
      'parsing time "2026-01-01" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"',
    ],
    ['io.k8s.api.core.v1.Secret', { data: { a: 'ab!d' } }, 'illegal base64 data at input byte 2'],
    [
      podType,
      { metadata: { uid: 5 } },
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.uid of type types.UID',
    ],
  ];
  for (const [type, value, message] of cases) {
    test(message, () => {
      assert.throws(() => decodeInto(schema, type, value), { name: 'DecodeError', message });
    });
  }
});

describe('of several values that cannot be decoded – as encoding/json – the first is reported, but for those that read themselves', () => {
  const time = 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"';
  const cases: [type: string, value: object, message: string][] = [
    [
      podType,
      { metadata: { name: 5, generation: 'x' } },
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string',
    ],
    [podType, { metadata: { name: 5, creationTimestamp: 'x' } }, time],
    ['io.k8s.api.core.v1.Secret', { data: { a: '!', b: 5 } }, 'illegal base64 data at input byte 0'],
    [
      'io.k8s.api.core.v1.Secret',
      { data: { a: 5, b: '!' } },
      'json: cannot unmarshal number into Go struct field Secret.data of type []uint8',
    ],
  ];
  for (const [type, value, message] of cases) {
    test(JSON.stringify(value), () => {
      assert.throws(() => decodeInto(schema, type, value), { name: 'DecodeError', message });
    });
  }
});

test('an object that upstream converts without JSON – with several problems – is refused for the first', () => {
  const value = { metadata: { name: 5, creationTimestamp: 'x' } };
  assert.throws(
    () => decodeInto(schema, podType, value, { isConverted: true }),
    /ObjectMeta\.metadata\.name/,
  );
});

test('a ResourceList of the core group – less than a thousandth – is rounded up, other amounts keep their spelling', async (t) => {
  const amounts = () => ({ cpu: '100u', memory: '1.500', storage: '1.0005' });
  const expected = { cpu: '1m', memory: '1.500', storage: '1001m' };
  const places: [string, string][] = [
    ['core.v1.LimitRangeItem', 'max'],
    ['core.v1.LimitRangeItem', 'defaultRequest'],
    ['core.v1.ResourceQuotaSpec', 'hard'],
    ['core.v1.ResourceQuotaStatus', 'used'],
    ['core.v1.PersistentVolumeSpec', 'capacity'],
    ['core.v1.PersistentVolumeClaimStatus', 'capacity'],
    ['core.v1.VolumeResourceRequirements', 'requests'],
    ['core.v1.ResourceRequirements', 'limits'],
    ['core.v1.PodSpec', 'overhead'],
    ['core.v1.NodeStatus', 'allocatable'],
    ['core.v1.ContainerStatus', 'allocatedResources'],
  ];
  for (const [type, field] of places) {
    await t.test(`${type}.${field}`, () => {
      const value: Record<string, unknown> = { [field]: amounts() };
      decodeInto(schema, `io.k8s.api.${type}`, value);
      assert.deepEqual(value[field], expected, `${type}.${field}`);
    });
  }
  const overhead = { podFixed: amounts() };
  decodeInto(schema, 'io.k8s.api.node.v1.Overhead', overhead);
  assert.deepEqual(overhead.podFixed, { cpu: '100u', memory: '1.500', storage: '1000500u' });
});

test('a zero time in a map – is null, as Go writes it, also through protobuf', () => {
  const type = 'io.k8s.api.policy.v1.PodDisruptionBudget';
  const disruptedPods = { a: null, b: '0001-01-01T00:00:00Z', c: '2026-01-02T03:04:05Z' };
  const budget = { status: { disruptedPods } };
  assert.deepEqual(decodeInto(schema, type, budget), []);
  const expected = { a: null, b: null, c: '2026-01-02T03:04:05Z' };
  assert.deepEqual(budget.status.disruptedPods, expected);
  const read = new ProtobufDecoder(schema).decode(type, new ProtobufEncoder(schema).encode(type, budget));
  assert.deepEqual((read as typeof budget).status.disruptedPods, expected);
});

test('a time that is not a pointer in Go – absent, null or zero – is null; a pointer is null only when zero', () => {
  const status = {
    startTime: null,
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '0001-01-01T00:00:00Z' }],
    containerStatuses: [{ name: 'c', state: { running: {} }, lastState: { terminated: { exitCode: 1 } } }],
  };
  decodeInto(schema, 'io.k8s.api.core.v1.PodStatus', status);
  assert.deepEqual(status, {
    conditions: [{ type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime: null }],
    containerStatuses: [
      {
        name: 'c',
        image: '',
        imageID: '',
        ready: false,
        restartCount: 0,
        state: { running: { startedAt: null } },
        lastState: { terminated: { exitCode: 1, startedAt: null, finishedAt: null } },
      },
    ],
  });
  const event = { eventTime: '2026-01-01T00:00:00.000000Z' };
  decodeInto(schema, 'io.k8s.api.events.v1.Event', event);
  const times = { deprecatedFirstTimestamp: null, deprecatedLastTimestamp: null };
  assert.deepEqual(event, { ...event, metadata: {}, regarding: {}, deprecatedSource: {}, ...times });
  const lease = { spec: { renewTime: '0001-01-01T00:00:00.000000Z', acquireTime: null } };
  decodeInto(schema, 'io.k8s.api.coordination.v1.Lease', lease);
  assert.deepEqual(lease, { spec: { renewTime: null }, metadata: {} });
});

describe('fields that Go always writes – absent or null – have their zero value', () => {
  const podSpec = { containers: null };
  const cases: [title: string, type: string, given: object, expected: object][] = [
    ['structs held by value', 'core.v1.LimitRange', {}, { metadata: {}, spec: { limits: null } }],
    [
      'numbers of a status',
      'policy.v1.PodDisruptionBudget',
      { status: { expectedPods: null } },
      {
        metadata: {},
        spec: {},
        status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
      },
    ],
    [
      'structs within structs, and what they hold',
      'batch.v1.CronJobSpec',
      {},
      { schedule: '', jobTemplate: { metadata: {}, spec: { template: { metadata: {}, spec: podSpec } } } },
    ],
    [
      'lists: null, which an empty one is not',
      'rbac.v1.Role',
      { rules: null },
      { metadata: {}, rules: null },
    ],
    ['an empty list stays', 'rbac.v1.Role', { rules: [] }, { metadata: {}, rules: [] }],
    [
      'an element that is null',
      'core.v1.NodeStatus',
      { addresses: [null] },
      nodeStatusWith({ type: '', address: '' }),
    ],
    ['bytes', 'certificates.v1.CertificateSigningRequestSpec', {}, { request: null, signerName: '' }],
    [
      'bytes of length 0',
      'certificates.v1.CertificateSigningRequestSpec',
      { request: '' },
      { request: '', signerName: '' },
    ],
    [
      'pointers: null',
      'core.v1.PersistentVolumeClaimSpec',
      { dataSource: { kind: 'K', name: 'n' } },
      { dataSource: { apiGroup: null, kind: 'K', name: 'n' }, resources: {} },
    ],
    ['pointers to structs', 'apps.v1.ReplicaSetSpec', { selector: null }, replicaSetSpec(podSpec)],
    ['a port or name', 'core.v1.ServicePort', {}, { port: 0, targetPort: 0 }],
    ['a quantity', 'core.v1.ResourceFieldSelector', { resource: 'r' }, { resource: 'r', divisor: '0' }],
    ['any value', 'apps.v1.ControllerRevision', {}, { metadata: {}, data: null, revision: 0 }],
    [
      'but not what omitempty leaves out',
      'core.v1.ContainerPort',
      { name: '', hostPort: 0 },
      { containerPort: 0 },
    ],
  ];
  for (const [title, type, given, expected] of cases) {
    test(title, () => {
      decodeInto(schema, `io.k8s.api.${type}`, given as never);
      assert.deepEqual(given, expected);
    });
  }
});

function replicaSetSpec(spec: object): object {
  return { selector: null, template: { metadata: {}, spec } };
}

function nodeStatusWith(address: object): object {
  const nodeInfo = Object.fromEntries(
    [
      'machineID',
      'systemUUID',
      'bootID',
      'kernelVersion',
      'osImage',
      'containerRuntimeVersion',
      'kubeletVersion',
      'kubeProxyVersion',
      'operatingSystem',
      'architecture',
    ].map((name) => [name, '']),
  );
  return { addresses: [address], nodeInfo, daemonEndpoints: { kubeletEndpoint: { Port: 0 } } };
}
