/** A node that rejects every pod of a set, as by kubelet admission: how many pods the set creates. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodes, pods, replicaSets, statefulSets } from '#api/generated/kinds.gen.ts';
import type { Client } from '#client/client.ts';
import type { ControllerDefinition } from '#client/controllers/controller.ts';
import { withControllers } from '#testing/controllers/controlled-cluster.ts';
import type { VirtualClock } from '#testing/virtual-clock.ts';
import { statefulSet } from '../stateful-set/stateful-set.ts';
import { replicaSet } from './replica-set.ts';

const namespace = 'default';
const labels = { app: 'web' };
const spec = {
  selector: { matchLabels: labels },
  template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
};

interface Made {
  /** Created since the start, whether they still exist or not. */
  pods: number;
}

function withRefusingNode(
  controller: ControllerDefinition,
  body: (client: Client, clock: VirtualClock, made: Made) => Promise<void>,
): Promise<void> {
  const made: Made = { pods: 0 };
  const status = { phase: 'Failed', reason: 'UnexpectedAdmissionError' };
  return withControllers(
    [controller],
    ({ client, clock }) => body(client, clock, made),
    async ({ client, informers }) => {
      await client.create(nodes, { metadata: { name: 'n1' } });
      informers.for(pods).subscribe({
        onAdd(pod) {
          made.pods++;
          const at = { namespace, name: pod.metadata.name };
          void client.patch(pods, at, 'merge', { status }, { subresource: 'status' });
        },
      });
    },
  );
}

/** In small steps, so that the controller and the node can react to each other. */
async function pass(clock: VirtualClock, seconds: number): Promise<void> {
  for (let i = 0; i < seconds * 20; i++) await clock.advance(50);
}

test('a ReplicaSet whose pods are refused – a burst of replacements, then ten a second', () =>
  withRefusingNode(replicaSet, async (client, clock, made) => {
    await client.create(replicaSets, {
      metadata: { name: 'web', namespace },
      spec: { replicas: 5, ...spec },
    });
    await pass(clock, 20);
    const { pods: first } = made;
    assert.ok(first >= 100 && first <= 5 + 30 + 10 * 20, `${first} pods in 20 s`);
    await pass(clock, 10);
    assert.ok(made.pods - first <= 10 * 10 + 10, `${made.pods - first} pods in the next 10 s`);
  }));

test('a set that is scaled up – pods of it have failed long ago – the new ones do not wait', () =>
  withRefusingNode(replicaSet, async (client, clock, made) => {
    await client.create(replicaSets, {
      metadata: { name: 'web', namespace },
      spec: { replicas: 1, ...spec },
    });
    await pass(clock, 5);
    const before = made.pods;
    const scaled = { spec: { replicas: 300 } };
    await client.patch(replicaSets, { namespace, name: 'web' }, 'merge', scaled);
    await pass(clock, 1);
    assert.ok(made.pods - before >= 299, `${made.pods - before} pods in a second`);
  }));

test('a StatefulSet whose pods are refused – they are replaced at the same pace', () =>
  withRefusingNode(statefulSet, async (client, clock, made) => {
    const own = { replicas: 3, serviceName: 's', podManagementPolicy: 'Parallel', ...spec };
    await client.create(statefulSets, { metadata: { name: 'web', namespace }, spec: own });
    await pass(clock, 20);
    assert.ok(made.pods >= 50 && made.pods <= 3 + 30 + 10 * 20, `${made.pods} pods in 20 s`);
  }));
