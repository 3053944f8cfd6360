import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newContainer, storedPod } from '#testing/objects.ts';
import { EqualParts } from './equal-parts.ts';

const owner = () => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: '1', controller: true });

/** As a parser gives it: no part is another pod's. */
function pod(name: string, node: string, mount: string, value = 'one') {
  const env = [{ name: 'SETTING', value }];
  const containers = [newContainer({ env, volumeMounts: [{ name: mount, mountPath: '/' }] })];
  const metadata = { labels: { app: 'web' }, ownerReferences: [owner()] };
  return storedPod(name, { metadata, node, spec: { containers } });
}

test('EqualParts – two pods of one template – share what is equal, and stay what they were', () => {
  const parts = new EqualParts();
  const [a, b] = [pod('a', 'n1', 'm'), pod('b', 'n2', 'm')];
  parts.share(a);
  parts.share(b);
  assert.equal(b.spec.containers, a.spec.containers);
  assert.equal(b.metadata.labels, a.metadata.labels);
  assert.equal(b.metadata.ownerReferences, a.metadata.ownerReferences);
  assert.deepEqual([a, b], [pod('a', 'n1', 'm'), pod('b', 'n2', 'm')]);
});

test('EqualParts – two pods in a row that differ in their names only – share the rest', () => {
  const parts = new EqualParts();
  const made = (name: string, phase: 'Pending' | 'Running') => {
    const creationTimestamp = ['2026-01-02', '03:04:05Z'].join('T');
    const metadata = { creationTimestamp, annotations: { note: 'same' } };
    return { ...storedPod(name, { metadata, spec: { schedulerName: 'none' } }), status: { phase } };
  };
  const [a, b, c] = [made('a', 'Pending'), made('b', 'Pending'), made('c', 'Running')];
  for (const pod of [a, b, c]) parts.share(pod);
  assert.deepEqual([b.spec === a.spec, b.status === a.status, c.status === b.status], [true, true, false]);
  assert.equal(b.metadata.annotations, a.metadata.annotations);
  assert.deepEqual([a, b, c], [made('a', 'Pending'), made('b', 'Pending'), made('c', 'Running')]);
  assert.throws(() => Object.assign(b.status, { phase: 'Failed' }), TypeError);
});

test('EqualParts – containers that differ in a mount – share the environment', () => {
  const parts = new EqualParts();
  const [a, b] = [pod('a', 'n', 'm1'), pod('b', 'n', 'm2')];
  parts.share(a);
  parts.share(b);
  assert.notEqual(b.spec.containers, a.spec.containers);
  assert.equal(b.spec.containers[0]!.env, a.spec.containers[0]!.env);
  assert.deepEqual(b, pod('b', 'n', 'm2'));
});

test('EqualParts – a shared part – cannot be changed', () => {
  const a = pod('a', 'n', 'm');
  new EqualParts().share(a);
  assert.throws(() => a.spec.containers[0]!.env!.push({ name: 'X' }), TypeError);
  assert.throws(() => delete a.metadata.labels!['app'], TypeError);
});

test('EqualParts – parts that were not seen for two generations – are forgotten', () => {
  const parts = new EqualParts(2000);
  const first = pod('first', 'n', 'm');
  parts.share(first);
  for (let i = 0; i < 100; i++) parts.share(pod(`other-${i}`, 'n', `m${i}`, `value-${i}`));
  const again = pod('again', 'n', 'm');
  parts.share(again);
  assert.notEqual(again.spec.containers, first.spec.containers);
  assert.deepEqual(again.spec, first.spec);
});
