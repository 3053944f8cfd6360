/**
 * A node whose pod range the API assigns after its registration, and what becomes of it when its kubelet
 * starts again.
 */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { events, nodes } from '#api/generated/kinds.gen.ts';
import { silentLog } from '#base/log.ts';
import { createEventRecorder } from '#client/events/recorder.ts';
import { systemRandom } from '#host/system-env.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { NodeAgent } from './agent.ts';
import { LeaseLoop } from './lease.ts';

const clock = new VirtualClock();
const env = { clock, random: systemRandom, log: silentLog };
const capacity = { cpu: '1', memory: '1Gi', pods: '10' };
const system = {
  machineID: 'm',
  systemUUID: 'm',
  bootID: 'm',
  kernelVersion: 'k',
  osImage: 'o',
  architecture: 'amd64',
};
const server = await startTestServer({ env });
after(() => server.stop());

/** Its network is ready as soon as it has a range. */
function startAgent(nodeName: string) {
  const used: string[] = [];
  const { client } = server;
  const runtime = {
    updatePodCidr: async () => undefined,
    status: async () => ({
      runtime: { ready: true, reason: '', message: '' },
      network: { ready: Boolean(used.at(-1)), reason: 'NetworkPluginNotReady', message: 'no config' },
    }),
    version: async () => ({ name: 'fake', version: '1' }),
    listImages: async () => [],
  } as unknown as Runtime;
  const leases = new LeaseLoop(env);
  const recorder = createEventRecorder({ env, client, component: 'kubelet', host: nodeName });
  const podNetwork = { use: async (ranges: readonly string[]) => void used.push(ranges.join()) };
  const facts = {
    nodeName,
    nodeIp: '127.0.0.1',
    port: 1,
    labels: {},
    capacity,
    allocatable: capacity,
    system,
  };
  const agent = new NodeAgent({ env, client, runtime, leases, podNetwork }, facts, recorder);
  return {
    used,
    agent,
    stop() {
      agent.stop();
      leases.stop();
    },
  };
}

async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await holds()) return;
    await clock.advance(50);
  }
  assert.fail(`it never came to be: ${what}`);
}

const readyOf = async (name: string) =>
  (await server.client.get(nodes, { name })).status?.conditions?.find(({ type }) => type === 'Ready')?.status;

test('the pod network – a new node – is set up when the API assigns a range, and the node is ready then', async () => {
  const { agent, used, stop } = startAgent('fresh');
  await agent.start();
  assert.deepEqual(used, ['']);
  assert.equal(await readyOf('fresh'), 'False');
  await server.client.patch(nodes, { name: 'fresh' }, 'merge', { spec: { podCIDR: '10.244.3.0/24' } });
  await until('the node is ready', async () => (await readyOf('fresh')) === 'True');
  assert.deepEqual(used, ['', '10.244.3.0/24']);
  await until('its event', async () => {
    const { items } = await server.client.list(events, { namespace: 'default' });
    return items.some(
      ({ reason, involvedObject }) => reason === 'NodeReady' && involvedObject.name === 'fresh',
    );
  });
  const { items } = await server.client.list(events, { namespace: 'default' });
  assert.deepEqual(
    items.filter(({ reason }) => reason === 'NodeNotReady'),
    [],
  );
  stop();
});

test('the pod network – a node that has a range already – has it before its first status', async () => {
  const spec = { podCIDR: '10.244.4.0/24', podCIDRs: ['10.244.4.0/24'] };
  await server.client.create(nodes, { metadata: { name: 'known' }, spec });
  const { agent, used, stop } = startAgent('known');
  await agent.start();
  assert.deepEqual(used, ['10.244.4.0/24']);
  assert.equal(await readyOf('known'), 'True');
  stop();
});
