/** Encoder, decoder and envelope together: what one writes, the other reads, byte for byte as Go's. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DecodeError } from '../schema/decode-error.ts';
import { loadSchema } from '../schema/load-schema.ts';
import { ProtobufDecoder } from './decode.ts';
import { ProtobufEncoder } from './encode.ts';
import { unwrapEnvelope, wrapEnvelope } from './envelope.ts';

const schema = loadSchema();
const encoder = new ProtobufEncoder(schema);
const decoder = new ProtobufDecoder(schema);
const podType = 'io.k8s.api.core.v1.Pod';

const samples: [string, object][] = [
  [
    podType,
    {
      metadata: {
        name: 'p',
        labels: { a: '1', b: '' },
        creationTimestamp: '2026-01-02T03:04:05Z',
        managedFields: [{ manager: 'm', fieldsV1: { 'f:spec': {} } }],
      },
      spec: {
        containers: [
          {
            name: 'c',
            resources: { limits: { cpu: '500m' } },
            livenessProbe: { httpGet: { path: '/', port: 'http' }, initialDelaySeconds: 3 },
            readinessProbe: { tcpSocket: { port: 80 } },
            env: [{ name: 'K', valueFrom: { configMapKeyRef: { name: 'm', key: 'k', optional: false } } }],
          },
        ],
        volumes: [
          { name: 'v', emptyDir: {} },
          { name: 'w', secret: { secretName: 's', defaultMode: 0 } },
        ],
        securityContext: { supplementalGroups: [1, 0, 2], runAsUser: 0 },
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 9_007_199_254_740_991,
      },
    },
  ],
  ['io.k8s.api.core.v1.Secret', { data: { a: 'AP8=', b: '' } }],
  [
    'io.k8s.api.coordination.v1.Lease',
    { spec: { renewTime: '2026-01-02T03:04:05.678901Z', leaseTransitions: -1 } },
  ],
  ['io.k8s.api.coordination.v1.Lease', { spec: { renewTime: '1969-12-31T23:59:59.500000Z' } }],
  ['io.k8s.api.coordination.v1.Lease', { spec: { renewTime: '10000-01-01T00:59:59.000000Z' } }],
  ['io.k8s.api.core.v1.ResourceQuota', { spec: { hard: { cpu: '1.500', memory: '+2Gi' } } }],
  [
    'io.k8s.api.authentication.v1.TokenReview',
    { spec: {}, status: { user: { username: 'u', extra: { k: ['a', 'b'], none: [] } } } },
  ],
  [
    'io.k8s.api.core.v1.PodList',
    { metadata: { resourceVersion: '5' }, items: [{ metadata: { name: 'a' } }] },
  ],
];

describe('protobuf – encoded and decoded – is the same object', () => {
  for (const [type, value] of samples) {
    test(type, () => {
      assert.deepEqual(decoder.decode(type, encoder.encode(type, value)), value);
    });
  }
});

test('protobuf – inlined structs, zero values, zero times – are written as by Go', () => {
  const bytes = Buffer.from(
    '0a110a016112001a0022002a0032003800420012440a090a0176120412020a0012190a016312002a0042006a007200800100' +
      '880100900100a201001a002000320042004a0052005800600068008201008a01009a0100c201001a130a001a0022002a0032' +
      '004a005a007200880100',
    'hex',
  );
  assert.deepEqual(decoder.decode(podType, bytes), {
    metadata: { name: 'a' },
    spec: {
      containers: [{ name: 'c', resources: {} }],
      volumes: [{ name: 'v', emptyDir: {} }],
      terminationGracePeriodSeconds: 0,
    },
    status: {},
  });
});

test('the envelope – written and read – is the same', () => {
  const raw = encoder.encode(podType, { metadata: { name: 'a' } });
  const bytes = wrapEnvelope({ apiVersion: 'v1', kind: 'Pod', raw });
  assert.equal(Buffer.from(bytes).toString('hex'), '6b3873000a090a0276311203506f6412050a030a0161');
  const opened = unwrapEnvelope(bytes);
  assert.deepEqual([opened.apiVersion, opened.kind], ['v1', 'Pod']);
  assert.deepEqual(decoder.decode(podType, opened.raw), { metadata: { name: 'a' } });
  assert.throws(() => unwrapEnvelope(Buffer.from('{}')), { name: 'DecodeError' });
  assert.throws(() => unwrapEnvelope(bytes.subarray(0, bytes.length - 3)), { name: 'DecodeError' });
  assert.throws(() => decoder.decode(podType, raw.subarray(0, 3)), { name: 'DecodeError' });
});

/** Field `number` with bytes; strings and nested messages alike. */
function field(number: number, ...content: (string | Uint8Array)[]): Uint8Array {
  const bytes = Buffer.concat(content.map((part) => Buffer.from(part as string)));
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
}
const number = (at: number, value: number) => Buffer.from([at << 3, value]);

test('protobuf – zeros, maps, inlined messages, quantities – are in their fields', () => {
  const volume = field(1, field(1, 'data'), field(2, field(2)));
  const limit = field(1, field(1, 'cpu'), field(2, field(1, '500m')));
  const container = field(2, field(1, 'c'), field(2, ''), field(8, limit));
  const spec = field(
    2,
    volume,
    container,
    number(4, 0),
    number(11, 0),
    field(7, field(1, 'disk'), field(2, 'ssd')),
  );
  const pod = decoder.decode(podType, Buffer.concat([field(1, field(1, 'p')), spec]));
  assert.deepEqual(pod, {
    metadata: { name: 'p' },
    spec: {
      volumes: [{ name: 'data', emptyDir: {} }],
      containers: [{ name: 'c', resources: { limits: { cpu: '500m' } } }],
      terminationGracePeriodSeconds: 0,
      nodeSelector: { disk: 'ssd' },
    },
  });
});

describe('the envelope – names the kind; invalid messages and wire types are rejected', () => {
  const body = Buffer.concat([
    Buffer.from('k8s\0'),
    field(1, field(1, 'v1'), field(2, 'Pod')),
    field(2, 'raw'),
  ]);
  const { apiVersion, kind, raw } = unwrapEnvelope(body);
  test('a valid envelope', () => {
    assert.deepEqual([apiVersion, kind, Buffer.from(raw).toString()], ['v1', 'Pod', 'raw']);
    assert.throws(() => unwrapEnvelope(Buffer.from('{}')), DecodeError);
  });
  const wrong = [
    Buffer.from([0x0a, 0x7f]),
    number(1, 5),
    Buffer.from([0x0f]),
    field(1, Buffer.from([0x0a, 9])),
  ];
  for (const bytes of wrong) {
    test(`bytes ${bytes.toString('hex')}`, () => {
      assert.throws(() => decoder.decode(podType, bytes), DecodeError);
    });
  }
});

test('raw data of a ControllerRevision – has Go programs\u2019 own order and spelling', () => {
  const data = { z: 'a<b', a: { '10': 1, '9': 2 } };
  const bytes = encoder.encode('io.k8s.api.apps.v1.ControllerRevision', { revision: 1, data });
  assert.ok(Buffer.from(bytes).includes('{"a":{"10":1,"9":2},"z":"a\\u003cb"}'));
});

describe('the unions of a JSON schema – in protobuf – are messages with a field for each form', () => {
  const propsType = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';
  for (const [props, hex] of [
    [{ additionalProperties: false }, 'f201020800'],
    [{ additionalProperties: true }, 'f201020801'],
    [{ additionalProperties: { type: 'a' } }, 'f2010708011203' + '2a0161'],
    [{ items: { type: 'a' } }, 'c201050a03' + '2a0161'],
    [{ items: [{ type: 'a' }] }, 'c201051203' + '2a0161'],
    [{ dependencies: { d: ['e'] } }, '8202080a01641203' + '120165'],
    [{ $ref: 'r', 'x-kubernetes-map-type': 'm' }, '1a0172' + 'da02016d'],
  ] as const) {
    test(JSON.stringify(props), () => {
      assert.equal(Buffer.from(encoder.encode(propsType, props)).toString('hex'), hex);
      assert.deepEqual(decoder.decode(propsType, Buffer.from(hex, 'hex')), props);
    });
  }
});

const broken: [what: string, bytes: number[], message: string][] = [
  ['a field with the number 0', [0, 1], 'proto: illegal tag 0'],
  [
    'a nested message of 2^63 bytes, and none',
    [0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1],
    'proto: unexpected EOF',
  ],
];

for (const [what, bytes, message] of broken) {
  test(`decode – ${what} – is refused`, () => {
    assert.throws(() => decoder.decode(podType, Uint8Array.from(bytes)), { name: 'DecodeError', message });
  });
}

describe('a message of more objects and lists than a body may have – in its fields or in JSON within it – is refused', () => {
  const most = 49_990;
  const opens = (count: number) => Array.from({ length: count }, () => ({}));
  const pod = (count: number) => ({ spec: { containers: [], volumes: opens(count) } });
  /** JSON in many parts, each of them short. */
  const schemas = (count: number) => ({
    spec: { versions: Array.from({ length: 10 }, () => ({ schema: schemaWith(count / 10) })) },
  });
  const schemaWith = (count: number) => ({ openAPIV3Schema: { default: opens(count) } });
  const definition = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition';
  for (const [type, object] of [
    [podType, pod],
    [definition, schemas],
  ] as const) {
    test(type, () => {
      const message = 'more than 50000 objects and lists';
      assert.throws(() => decoder.decode(type, encoder.encode(type, object(most + 100))), {
        name: 'LimitExceeded',
        message,
      });
      decoder.decode(type, encoder.encode(type, object(most - 100)));
    });
  }
});
