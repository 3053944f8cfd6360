/** What pod GC writes before it deletes: seen on a pod that a finalizer keeps. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespaces, pods } from '#api/generated/kinds.gen.ts';
import { systemEnv } from '#host/system-env.ts';
import { openInProcess } from '#testing/api-server.ts';
import { carryOutOn } from '#testing/plans.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { collect } from './pod-gc.ts';

test('pod GC – a pod of a node that is gone – failed, its status and condition say for which generation', async () => {
  const { env, client, close } = await openInProcess({ ...systemEnv(), clock: new VirtualClock() });
  try {
    const namespace = 'default';
    await client.create(namespaces, { metadata: { name: namespace } });
    const containers = [{ name: 'c', image: 'i' }];
    const pod = await client.create(pods, {
      metadata: { name: 'lost', namespace, finalizers: ['example.com/kept'] },
      spec: { nodeName: 'gone', containers },
    });
    const lostNodes = new Set(['gone']);
    const actions = collect({ pods: [pod], node: () => undefined, lostNodes, nowMs: 0, endedPodsMax: 10 });
    await carryOutOn(client, env, actions);
    const { metadata, status } = await client.get(pods, { namespace, name: 'lost' });
    assert.ok(metadata.deletionTimestamp);
    assert.equal(status?.phase, 'Failed');
    assert.equal(status.observedGeneration, 1);
    const condition = status.conditions?.find(({ type }) => type === 'DisruptionTarget');
    assert.deepEqual([condition?.reason, condition?.observedGeneration], ['DeletionByPodGC', 1]);
  } finally {
    await close();
  }
});
