/** A node stops reporting on a virtual clock: conditions, taints, pods marked and evicted, and recovery. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { leases, namespaces, nodes, pods } from '#api/generated/kinds.gen.ts';
import { rfc3339, rfc3339Micro } from '#base/clock.ts';
import type { Client } from '#client/client.ts';
import { withControllers } from '#testing/controllers/controlled-cluster.ts';
import type { VirtualClock } from '#testing/virtual-clock.ts';
import { nodeLifecycle } from './node-lifecycle.ts';
import { taintEviction } from './taint-eviction.ts';

const leaseNamespace = 'kube-node-lease';

async function makeNode(client: Client, clock: VirtualClock, name: string): Promise<void> {
  await client.create(nodes, { metadata: { name } });
  await setReady(client, clock, name);
  await client.create(leases, {
    metadata: { name, namespace: leaseNamespace },
    spec: { holderIdentity: name },
  });
}

async function setReady(client: Client, clock: VirtualClock, name: string): Promise<void> {
  const now = rfc3339(clock.now());
  const condition = { type: 'Ready', status: 'True', lastHeartbeatTime: now, lastTransitionTime: now };
  const patch = { status: { conditions: [condition] } };
  await client.patch(nodes, { name }, 'strategic', patch, { subresource: 'status' });
}

async function renew(client: Client, clock: VirtualClock, name: string): Promise<void> {
  const patch = { spec: { renewTime: rfc3339Micro(clock.now()) } };
  await client.patch(leases, { namespace: leaseNamespace, name }, 'merge', patch);
}

async function makePod(client: Client, clock: VirtualClock, name: string, tolerationSeconds: number) {
  const at = { namespace: 'default', name };
  const unreachable = {
    key: 'node.kubernetes.io/unreachable',
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds,
  };
  const spec = {
    nodeName: 'silent',
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'c', image: 'i' }],
    tolerations: [unreachable],
  };
  await client.create(pods, { metadata: at, spec });
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: rfc3339(clock.now()) };
  const status = { phase: 'Running', conditions: [ready] };
  await client.patch(pods, at, 'strategic', { status }, { subresource: 'status' });
}

test('a node that falls silent – conditions, taints, its pods marked and evicted, and back again', () =>
  withControllers(
    [nodeLifecycle, taintEviction],
    async ({ client, clock }) => {
      const pass = async (seconds: number) => {
        for (let passed = 0; passed < seconds; passed += 5) {
          await renew(client, clock, 'alive');
          await clock.advance(5_000);
        }
      };
      const node = () => client.get(nodes, { name: 'silent' });
      const taints = async () =>
        ((await node()).spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`);
      const ready = async () => (await node()).status?.conditions?.find(({ type }) => type === 'Ready');
      const podNames = async () =>
        (await client.list(pods, { namespace: 'default' })).items.map((pod) => pod.metadata.name);
      await pass(45);
      assert.equal((await ready())?.status, 'True');
      await pass(15);
      assert.equal((await ready())?.status, 'Unknown');
      assert.equal((await ready())?.message, 'Kubelet stopped posting node status.');
      const key = 'node.kubernetes.io/unreachable';
      assert.deepEqual(await taints(), [`${key}:NoSchedule`, `${key}:NoExecute`]);
      assert.deepEqual((await client.get(nodes, { name: 'alive' })).spec?.taints ?? [], []);
      const patient = await client.get(pods, { namespace: 'default', name: 'patient' });
      assert.equal(patient.status?.conditions?.find(({ type }) => type === 'Ready')?.status, 'False');
      await pass(30);
      assert.deepEqual(await podNames(), ['patient']);
      await setReady(client, clock, 'silent');
      await pass(5);
      assert.deepEqual(await taints(), []);
      await pass(40);
      assert.deepEqual(await podNames(), ['patient'], 'its deletion was called off');
    },
    async ({ client, clock }) => {
      await client.create(namespaces, { metadata: { name: leaseNamespace } });
      for (const name of ['silent', 'alive']) await makeNode(client, clock, name);
      await makePod(client, clock, 'patient', 300);
      await makePod(client, clock, 'hasty', 20);
    },
  ));
