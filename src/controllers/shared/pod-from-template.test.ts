import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replicaSets } from '#api/generated/kinds.gen.ts';
import type { ReplicaSet } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { storedMetadata } from '#testing/objects.ts';
import { controllerReference } from './ownership/ownership.ts';
import { podFromTemplate } from './pod-from-template.ts';

const web: Stored<ReplicaSet> = { metadata: storedMetadata('web', { namespace: 'shop' }) };

test('a pod – of a template with metadata and spec – has a copy of them, and its owner', () => {
  const metadata = {
    name: 'not-taken',
    labels: { app: 'web' },
    annotations: { a: 'b' },
    finalizers: ['example.com/f'],
  };
  const template = { metadata, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const pod = podFromTemplate(replicaSets, web, template);
  const { name: _, ...copied } = metadata;
  assert.deepEqual(pod, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: 'web-',
      namespace: 'shop',
      ...copied,
      ownerReferences: [controllerReference(replicaSets, web)],
    },
    spec: template.spec,
  });
  pod.metadata!.labels!['app'] = 'changed';
  pod.spec!.containers[0]!.image = 'changed';
  assert.equal(metadata.labels.app, 'web');
  assert.equal(template.spec.containers[0]!.image, 'i');
});

test('a pod – of an empty template – has its name and owner alone', () => {
  const { metadata, ...rest } = podFromTemplate(replicaSets, web, {});
  assert.deepEqual(rest, { apiVersion: 'v1', kind: 'Pod' });
  assert.deepEqual(Object.keys(metadata!), ['generateName', 'namespace', 'ownerReferences']);
});
