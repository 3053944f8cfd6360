/** Simulated nodes beside the node controller, on a virtual clock. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { events, nodes } from '#api/generated/kinds.gen.ts';
import type { Client } from '#client/client.ts';
import { nodeLifecycle } from '#controllers/nodes/node-lifecycle.ts';
import { lookIntervalMs } from '#kubelet/node/agent.ts';
import { startSimulatedNodes } from '#kubelet/simulated/simulated-nodes.ts';
import { withControllers } from '#testing/controllers/controlled-cluster.ts';

const podCIDR = '10.244.0.0/24';
const name = 'simulated-0';

test('a node – its lease is not renewed, and renewed again – is Unknown, and ready at its next look', () =>
  withControllers([nodeLifecycle], async ({ env, clock, client, informers, eventually }) => {
    let isCut = false;
    const own: Client = new Proxy(client, {
      get: (target, key: keyof Client) => (key === 'patch' ? patch : target[key]),
    });
    const patch: Client['patch'] = (...args) =>
      isCut && args[0].resource === 'leases' ? new Promise(() => undefined) : client.patch(...args);
    const starting = startSimulatedNodes({
      env,
      clientOf: () => own,
      informersOf: () => informers,
      count: 1,
      nodeIp: '127.0.0.1',
      port: 10250,
    });
    const ready = async () => {
      const { status } = await client.get(nodes, { name });
      return status?.conditions?.find(({ type }) => type === 'Ready');
    };
    const isReady = async (status: string) => (await ready().catch(() => undefined))?.status === status;
    await eventually('the node is registered', () => isReady('False'));
    await client.patch(nodes, { name }, 'merge', { spec: { podCIDR, podCIDRs: [podCIDR] } });
    await eventually('the node is ready', () => isReady('True'));
    const simulated = await starting;
    isCut = true;
    await eventually('the node is taken for lost', () => isReady('Unknown'));
    assert.equal((await ready())?.reason, 'NodeStatusUnknown');
    isCut = false;
    const sinceMs = clock.monotonicMs();
    await eventually('the node is ready again', () => isReady('True'));
    assert.ok(clock.monotonicMs() - sinceMs <= lookIntervalMs + 200);
    await eventually('its event', async () => {
      const { items } = await client.list(events, { namespace: 'default' });
      return items.some(({ reason, count }) => reason === 'NodeReady' && count === 2);
    });
    await simulated.stop();
  }));
