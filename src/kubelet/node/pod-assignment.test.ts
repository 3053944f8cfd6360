/** Pods on a generated machine of two NUMA nodes, with a device plugin on real sockets. */

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { readKubeletConfiguration } from '#api/configuration/kubelet/kubelet-configuration.ts';
import type { PodSpec } from '#api/generated/types.gen.ts';
import { cpuListText } from '#base/text/cpu-list.ts';
import { systemEnv } from '#host/system-env.ts';
import { eventually } from '#testing/client-suite.ts';
import { cpuPlaces } from '#testing/kubelet/cpus.ts';
import { TestDevicePlugin } from '#testing/kubelet/device-plugin.ts';
import { storedPod } from '#testing/objects.ts';
import type { JsonObject } from '#wire/json/value.ts';
import { DevicePlugins } from '../devices/plugins/device-plugins.ts';
import { KubeletRoot } from '../paths/kubelet-root.ts';
import { TopologyMetrics } from '../topology/metrics.ts';
import { TopologyManager } from '../topology/topology-manager.ts';
import { openCpuManager } from './cpus/cpu-manager.ts';
import { PodAssignment } from './pod-assignment.ts';

const thing = 'example.com/thing';
const never = new AbortController().signal;

/** Node 0 has the processors 0 to 3, of which 0 is reserved, and the device `near0`; node 1 has 4 to 7 and two devices. */
async function startNode(t: TestContext, section: JsonObject) {
  const env = systemEnv();
  const dir = await mkdtemp('/tmp/kybern-assignment-');
  const whole = { cpuManagerPolicy: 'static', systemReserved: 'cpu=1', ...section };
  const config = readKubeletConfiguration(whole);
  const runtime = { listContainers: async () => [], updateContainerResources: async () => undefined };
  const places = async () => cpuPlaces({ sockets: 2, numaNodes: 2, coresPerSocket: 4, threadsPerCore: 1 });
  const cpus = await openCpuManager({ env, runtime, settings: config.cpus, dir, places });
  assert.ok(cpus);
  const devices = await DevicePlugins.open({ env, root: new KubeletRoot(dir), runtime, numaNodes: [0, 1] });
  await devices.serve();
  t.after(async () => {
    await devices.stop();
    await cpus.saved();
    await rm(dir, { recursive: true });
  });
  const plugin = new TestDevicePlugin(`${dir}/device-plugins`, {
    devices: [
      { ID: 'near0', nodes: [0] },
      { ID: 'near1', nodes: [1] },
      { ID: 'too1', nodes: [1] },
    ],
  });
  await plugin.start(t);
  await eventually(env, 'devices', () => devices.amounts().allocatable[thing] === '3' || undefined);
  const metrics = new TopologyMetrics();
  const nodes = [0, 1].map((id) => ({ id, distances: id === 0 ? [10, 20] : [20, 10] }));
  const manager = new TopologyManager(config.topology, nodes, [devices.hintProvider, cpus], metrics);
  const assignment = new PodAssignment({ clock: env.clock, cpus, devices, topology: { manager, metrics } });
  const had = (name: string, container: string) => [
    cpuListText(cpus.exclusive(name, container)),
    devices
      .allocated(name, container)
      .map(({ id }) => id)
      .sort()
      .join(),
  ];
  return { assignment, had, metrics };
}

function sized(name: string, cpu: number, things: number) {
  const amounts = { cpu: String(cpu), memory: '64Mi', ...(things > 0 ? { [thing]: String(things) } : {}) };
  return { name, resources: { requests: amounts, limits: amounts } };
}

const podOf = (name: string, containers: PodSpec['containers']) => storedPod(name, { spec: { containers } });
const rejected = {
  reason: 'TopologyAffinityError',
  message: 'Resources cannot be allocated with Topology locality',
};

test('single-numa-node – processors and devices of one node – are had together, or the pod is rejected', async (t) => {
  const { assignment, had, metrics } = await startNode(t, { topologyManagerPolicy: 'single-numa-node' });
  const first = podOf('first', [sized('main', 3, 2)]);
  assert.equal(await assignment.assignByPlugins(first, never), undefined);
  assert.deepEqual(had('first', 'main'), ['4-6', 'near1,too1']);
  const second = podOf('second', [sized('main', 4, 0)]);
  assert.deepEqual(assignment.assign(second), rejected);
  assert.deepEqual(had('second', 'main'), ['', '']);
  const [requests, errors, , aligned, notAligned] = metrics.metrics.map((metric) => [...metric.readings()]);
  assert.deepEqual([requests, errors], [[[{}, 2]], [[{}, 1]]]);
  const labels = { scope: 'container', boundary: 'numa_node' };
  assert.deepEqual([aligned, notAligned], [[[labels, 1]], [[labels, 1]]]);
});

test('best-effort – more processors than a node has – is admitted, with the devices near to the processors', async (t) => {
  const { assignment, had } = await startNode(t, { topologyManagerPolicy: 'best-effort' });
  assert.equal(await assignment.assignByPlugins(podOf('p', [sized('main', 5, 1)]), never), undefined);
  const [cpus] = had('p', 'main');
  assert.equal(cpus, '1,4-7');
});

test('restricted – two containers, each in the scope container – lie on a node each', async (t) => {
  const { assignment, had } = await startNode(t, { topologyManagerPolicy: 'restricted' });
  const pod = podOf('p', [sized('a', 2, 1), sized('b', 3, 1)]);
  assert.equal(await assignment.assignByPlugins(pod, never), undefined);
  assert.deepEqual(
    [had('p', 'a'), had('p', 'b')],
    [
      ['1-2', 'near0'],
      ['4-6', 'near1'],
    ],
  );
});

test('restricted – a container on each node – is rejected in the scope pod, where a node could have both', async (t) => {
  const pod = podOf('p', [sized('a', 2, 1), sized('b', 2, 1)]);
  const { assignment, had } = await startNode(t, {
    topologyManagerPolicy: 'restricted',
    topologyManagerScope: 'pod',
  });
  assert.equal(await assignment.assignByPlugins(pod, never), undefined);
  assert.deepEqual(
    [had('p', 'a'), had('p', 'b')],
    [
      ['4-5', 'near1'],
      ['6-7', 'too1'],
    ],
  );
  const late = podOf('late', [sized('a', 2, 0), sized('b', 2, 0)]);
  assert.deepEqual(assignment.assign(late), rejected);
});

test('none – processors and devices – are those that come first', async (t) => {
  const { assignment, had } = await startNode(t, {});
  assert.equal(await assignment.assignByPlugins(podOf('p', [sized('main', 2, 1)]), never), undefined);
  assert.deepEqual(had('p', 'main'), ['1-2', 'near0']);
  const whole = podOf('whole', [sized('main', 6, 0)]);
  assert.deepEqual(assignment.assign(whole), {
    reason: 'UnexpectedAdmissionError',
    message:
      'Allocate failed due to not enough cpus available to satisfy request: requested=6, available=5, which is unexpected',
  });
});

test('topology manager – a machine with more nodes than it looks at – is refused, by every policy but none', () => {
  const nodes = Array.from({ length: 9 }, (_, id) => ({ id, distances: [] }));
  const open = (topologyManagerPolicy: string) =>
    new TopologyManager(
      readKubeletConfiguration({ topologyManagerPolicy }).topology,
      nodes,
      [],
      new TopologyMetrics(),
    );
  assert.throws(() => open('best-effort'), {
    message: 'unsupported on machines with more than 8 NUMA Nodes',
  });
  open('none');
});
