/** Stored JSON bytes as protobuf messages: the same that the encoder makes of the parsed object. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeObject, parseJson, spliceOffset } from '#wire/json/canonical.ts';
import type { JsonObject } from '#wire/json/value.ts';
import { loadSchema } from '../schema/load-schema.ts';
import { ProtobufDecoder } from './decode.ts';
import { ProtobufEncoder } from './encode.ts';
import { ProtobufTranscoder } from './transcode.ts';

const schema = loadSchema();
const encoder = new ProtobufEncoder(schema);
const decoder = new ProtobufDecoder(schema);
const transcoder = new ProtobufTranscoder(schema);
const resourceVersion = '9007199254740991';
const metadataType = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

const long = 'x'.repeat(20_000);
const metadata = {
  name: 'p',
  labels: { a: '1', empty: '', 'with.dots/and-slash': 'ü€😀' },
  annotations: { quoted: '"a\\b"\n\u2028', [long.slice(0, 200)]: long },
  creationTimestamp: '2026-01-02T03:04:05Z',
  ownerReferences: [{ apiVersion: 'v1', kind: 'A', name: 'a', uid: 'u', controller: true }],
  managedFields: [
    { manager: 'm', fieldsV1: { 'f:spec': { 'k:{"name":"c"}': {}, '.': {} } }, time: '2026-01-02T03:04:05Z' },
    { manager: 'n', fieldsV1: {}, time: '0001-01-01T00:00:00Z' },
  ],
  unknown: { nested: [{ deep: '}]"' }, 1, true, null] },
};

const samples: readonly (readonly [type: string, object: JsonObject])[] = [
  [
    'io.k8s.api.core.v1.Pod',
    {
      kind: 'Pod',
      apiVersion: 'v1',
      metadata,
      spec: {
        containers: [
          {
            name: 'c',
            resources: { limits: { cpu: '500m', memory: '1Gi' }, requests: {} },
            livenessProbe: { httpGet: { path: '/', port: 'http' }, initialDelaySeconds: 3 },
            readinessProbe: { tcpSocket: { port: 80 } },
            env: [{ name: 'K', valueFrom: { configMapKeyRef: { name: 'm', key: 'k', optional: false } } }],
            command: [],
            args: ['', long],
          },
        ],
        volumes: [
          { name: 'v', emptyDir: {} },
          { name: 'w', secret: { secretName: 's', defaultMode: 0 } },
          { name: 'x', projected: { sources: [{ downwardAPI: { items: [] } }], defaultMode: 420 } },
        ],
        securityContext: { supplementalGroups: [1, 0, 2 ** 40], runAsUser: -1 },
        terminationGracePeriodSeconds: Number.MAX_SAFE_INTEGER,
        nodeSelector: null,
      },
      status: { startTime: null, conditions: [] },
    },
  ],
  ['io.k8s.api.core.v1.Secret', { metadata, data: { a: 'AP8=', b: '', c: 'AAAA' }, immutable: true }],
  [
    'io.k8s.api.coordination.v1.Lease',
    { metadata, spec: { renewTime: '1969-12-31T23:59:59.500000Z', leaseTransitions: -1 } },
  ],
  [
    'io.k8s.api.apps.v1.ControllerRevision',
    { kind: 'ControllerRevision', metadata, revision: -(2 ** 53) + 1, data: { z: 'a<b', a: { '10': 1.5 } } },
  ],
  [
    'io.k8s.api.certificates.v1.CertificateSigningRequest',
    { metadata, spec: { request: 'AP8=', extra: { k: ['a', 'b'], none: [] } } },
  ],
  [
    'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
    {
      metadata,
      spec: { versions: [{ schema: { openAPIV3Schema: { items: { type: 'a', maximum: 1.5 } } } }] },
    },
  ],
  ['io.k8s.api.core.v1.ConfigMap', { metadata, data: { half: '\ud800', more: long.repeat(20) } }],
  ['io.k8s.api.core.v1.ConfigMap', { metadata: {} }],
];

function decoded(type: string, message: Uint8Array): unknown {
  return decoder.decode(type, message);
}

describe('a stored object – as a protobuf message – is what the encoder makes of it', () => {
  for (const [type, object] of samples) {
    test(type, () => {
      const stored = encodeObject(structuredClone(object));
      const parsed = parseJson(stored) as { metadata: object };
      const whole = { ...parsed, metadata: { ...parsed.metadata, resourceVersion } };
      assert.deepEqual(
        decoded(type, transcoder.object(type, stored, resourceVersion)),
        decoded(type, encoder.encode(type, whole)),
      );
      const own = transcoder.metadata(stored, spliceOffset(stored) - 1, resourceVersion);
      assert.deepEqual(
        decoded(metadataType, own),
        decoded(metadataType, encoder.encode(metadataType, whole.metadata)),
      );
    });
  }
});

test('fieldsV1 and raw data – in a message – are the bytes that are stored', () => {
  const [type, object] = samples[3]!;
  const message = Buffer.from(transcoder.object(type, encodeObject(structuredClone(object)), '1'));
  assert.ok(message.includes('{"a":{"10":1.5},"z":"a\\u003cb"}'));
  assert.ok(message.includes('{"f:spec":{"k:{\\"name\\":\\"c\\"}":{},".":{}}}'));
});

test('bytes that are no object as it is stored – are refused, and read nothing beyond their end', () => {
  const stored = Buffer.from(encodeObject({ metadata: { name: 'a' } }));
  for (let end = 0; end < stored.length; end++) {
    assert.throws(() => transcoder.object('io.k8s.api.core.v1.ConfigMap', stored.subarray(0, end), '1'));
  }
});
