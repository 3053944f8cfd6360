import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSchema } from './load-schema.ts';
import { inGoOrder } from './struct-order.ts';

test('fields of a value – in Go’s order – come as in its structs, keys of maps are sorted', () => {
  const job = {
    metadata: { labels: { b: '1', a: '2' }, name: 'j' },
    other: 1,
    spec: {
      template: { spec: { containers: [{ image: 'i', name: 'c' }], initContainers: [] } },
      // Protobuf numbers say: ttlSecondsAfterFinished (8), podFailurePolicy (11), backoffLimit (7).
      backoffLimit: 1,
      podFailurePolicy: { rules: [] },
    },
    kind: 'Job',
  };
  const ordered = inGoOrder(loadSchema(), job, { kind: 'object', name: 'io.k8s.api.batch.v1.Job' });
  assert.equal(
    JSON.stringify(ordered),
    '{"kind":"Job","metadata":{"name":"j","labels":{"a":"2","b":"1"}},"spec":{"podFailurePolicy":{"rules":[]},"backoffLimit":1,"template":{"spec":{"initContainers":[],"containers":[{"name":"c","image":"i"}]}}},"other":1}',
  );
});

test('fields of a struct that is inlined – in Go’s order – come where it stands', () => {
  const { fields } = loadSchema().type('io.k8s.api.core.v1.EphemeralContainer');
  assert.deepEqual([...fields.keys()].slice(0, 3), ['name', 'image', 'command']);
  assert.equal([...fields.keys()].at(-1), 'targetContainerName');
});
