/** A Deployment and a pod as a stock client writes them, byte by byte. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSchema } from '#api/load-schema.ts';
import { readEnvelope, readMessage } from './protobuf.ts';
import { ProtobufError } from './wire-reader.ts';

/** Field `number` with bytes; text and nested messages alike. */
function field(number: number, ...content: (string | Uint8Array)[]): Uint8Array {
  const bytes = Buffer.concat(content.map((one) => Buffer.from(one as string)));
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
}
const number = (at: number, value: number) => Buffer.from([at << 3, value]);

test('fields by number: zeros, maps, inlined messages, quantities', () => {
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
  const pod = readMessage(
    loadSchema(),
    'io.k8s.api.core.v1.Pod',
    Buffer.concat([field(1, field(1, 'p')), spec]),
  );
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

test('the envelope names the kind; anything else is refused', () => {
  const body = Buffer.concat([
    Buffer.from('k8s\0'),
    field(1, field(1, 'v1'), field(2, 'Pod')),
    field(2, 'raw'),
  ]);
  const { apiVersion, kind, raw } = readEnvelope(body);
  assert.deepEqual([apiVersion, kind, Buffer.from(raw).toString()], ['v1', 'Pod', 'raw']);
  assert.throws(() => readEnvelope(Buffer.from('{}')), ProtobufError);
  assert.throws(
    () => readMessage(loadSchema(), 'io.k8s.api.core.v1.Pod', Buffer.from([0x0a, 0x7f])),
    ProtobufError,
  );
});
