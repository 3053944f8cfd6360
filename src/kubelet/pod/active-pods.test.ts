import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedPod } from '#testing/objects.ts';
import { ActivePods } from './active-pods.ts';
import type { NodePod } from './pod.ts';

const podOf = (uid: string): NodePod => storedPod(uid, { metadata: { uid } });

test('pods of an earlier kubelet – before all pods are known – have not ended; afterwards those that are not active have', async () => {
  const pods = new ActivePods();
  const active = [podOf('a')];
  const { promise, resolve } = Promise.withResolvers<void>();
  assert.deepEqual([pods.endedOf(['a', 'b']), [...pods.uids()]], [[], []]);
  pods.follow({ active: () => active, synced: () => promise });
  assert.deepEqual([pods.areKnown, pods.endedOf(['a', 'b']), [...pods.uids()]], [false, [], ['a']]);
  resolve();
  await promise;
  assert.deepEqual([pods.areKnown, pods.endedOf(['a', 'b'])], [true, ['b']]);
  active.pop();
  assert.deepEqual(pods.endedOf(['a', 'b']), ['a', 'b']);
});

test('pods of an earlier kubelet – the kubelet stops before all pods are known – have not ended', async () => {
  const pods = new ActivePods();
  pods.follow({ active: () => [], synced: () => Promise.reject(new Error('stopped')) });
  await Promise.resolve();
  assert.deepEqual([pods.areKnown, pods.endedOf(['a'])], [false, []]);
});
