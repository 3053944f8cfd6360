/**
 * A node whose pod range the API assigns after its registration, and what becomes of it when its kubelet
 * starts again.
 */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { events, nodes } from '#api/generated/kinds.gen.ts';
import type { Node, NodeStatus } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { silentLog } from '#base/log.ts';
import type { Client } from '#client/client.ts';
import { createEventRecorder } from '#client/events/recorder.ts';
import { systemRandom } from '#host/system-env.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { lookIntervalMs, NodeAgent } from './agent.ts';
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

/** Its network is ready as soon as it has a range. `node`: its cached Node. */
function startAgent(nodeName: string, node: () => Stored<Node> | undefined = () => undefined) {
  const used: string[] = [];
  let isCut = false;
  let writes = 0;
  const client: Client = new Proxy(server.client, {
    get: (target, name: keyof Client) => (name === 'patch' ? patch : target[name]),
  });
  const patch: Client['patch'] = (...args) => {
    if (isCut) return Promise.reject(new Error('connect ETIMEDOUT'));
    if (args[0].resource === 'nodes') writes++;
    return server.client.patch(...args);
  };
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
  const agent = new NodeAgent({ env, client, runtime, leases, podNetwork, node }, facts, recorder);
  return {
    used,
    agent,
    get writes() {
      return writes;
    },
    cut(value: boolean) {
      isCut = value;
    },
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

const taken = { reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' };
const podCIDR = '10.244.5.0/24';

/** What others write over the status, and whether the node reports again at its next look. */
const rows: readonly [string, NodeStatus, boolean][] = [
  ['Ready is Unknown', { conditions: [{ type: 'Ready', status: 'Unknown', ...taken }] }, true],
  ['a pressure is Unknown', { conditions: [{ type: 'DiskPressure', status: 'Unknown', ...taken }] }, true],
  ['less memory', { allocatable: { memory: '1Mi' } }, true],
  ['a condition of others', { conditions: [{ type: 'Kernel', status: 'True' }] }, false],
  ['attached volumes', { volumesAttached: [{ name: 'v', devicePath: '' }] }, false],
];

for (const [index, [title, status, isReported]] of rows.entries()) {
  test(`the status – others write: ${title} – is ${isReported ? 'reported again, once' : 'left'}`, async (t) => {
    const name = `written-${index}`;
    let cached: Stored<Node> | undefined;
    await server.client.create(nodes, { metadata: { name }, spec: { podCIDR, podCIDRs: [podCIDR] } });
    const started = startAgent(name, () => cached);
    t.after(() => started.stop());
    await started.agent.start();
    const own = (await server.client.get(nodes, { name })).status;
    const options = { subresource: 'status' };
    cached = await server.client.patch(nodes, { name }, 'strategic', { status }, options);
    const before = started.writes;
    await clock.advance(lookIntervalMs);
    await until('it is reported', () => started.writes === before + Number(isReported));
    await clock.advance(3 * lookIntervalMs);
    assert.equal(started.writes, before + Number(isReported));
    const now = (await server.client.get(nodes, { name })).status;
    const meaning = (shown: NodeStatus | undefined) => [
      shown?.allocatable,
      shown?.conditions?.map(({ type, status }) => [type, status]).filter(([type]) => type !== 'Kernel'),
    ];
    assert.deepEqual(meaning(now), meaning(own));
  });
}

test('a node – that is taken for lost while cut off – reads its Node when its lease is renewed, and is ready', async (t) => {
  const name = 'cut';
  await server.client.create(nodes, { metadata: { name }, spec: { podCIDR, podCIDRs: [podCIDR] } });
  const started = startAgent(name);
  t.after(() => started.stop());
  await started.agent.start();
  started.cut(true);
  await clock.advance(30_000);
  const status = { conditions: [{ type: 'Ready', status: 'Unknown', ...taken }] };
  await server.client.patch(nodes, { name }, 'strategic', { status }, { subresource: 'status' });
  started.cut(false);
  await clock.advance(10_000);
  await until('the node is ready', async () => (await readyOf(name)) === 'True');
});
