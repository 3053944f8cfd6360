/** Plugins with real sockets in a folder of the test's own. */

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import type { Container, PodSpec } from '#api/generated/types.gen.ts';
import { systemEnv } from '#host/system-env.ts';
import { eventually } from '#testing/client-suite.ts';
import { type PluginTraits, TestDevicePlugin } from '#testing/kubelet/device-plugin.ts';
import { storedPod } from '#testing/objects.ts';
import { KubeletRoot } from '../../paths/kubelet-root.ts';
import type { NodePod } from '../../pod/pod.ts';
import { parseCheckpoint } from './checkpoint/format.ts';
import { DevicePlugins } from './device-plugins.ts';

const until = (holds: () => boolean) => eventually(systemEnv(), String(holds), () => holds() || undefined);
const thing = 'example.com/thing';
const never = new AbortController().signal;

function wanting(name: string, count: number, more: Partial<Container> = {}): Container {
  return { name, resources: { limits: { [thing]: String(count) } }, ...more };
}

function podOf(name: string, spec: Partial<PodSpec>): NodePod {
  return storedPod(name, { spec });
}

interface Node {
  readonly devices: DevicePlugins;
  readonly dir: string;
  readonly active: NodePod[];
  readonly pokes: string[];
}

const startedIn = new Map<string, DevicePlugins[]>();

async function removeFolder(dir: string): Promise<void> {
  for (const devices of startedIn.get(dir) ?? []) await devices.stop();
  await rm(dir, { recursive: true });
}

/** `running`: pods whose containers an earlier kubelet has started. */
async function startNode(t: TestContext, dir?: string, running: string[] = []): Promise<Node> {
  const place = dir ?? (await mkdtemp('/tmp/kybern-devices-'));
  const listContainers = async () =>
    running.map((podUid) => ({ podUid, state: 'running' })) as unknown as never[];
  const runtime = { listContainers };
  const root = new KubeletRoot(place);
  const devices = await DevicePlugins.open({ env: systemEnv(), root, runtime, numaNodes: [0, 1] });
  await devices.serve();
  // Nothing may be written when the folder goes.
  const before = startedIn.get(place) ?? [];
  startedIn.set(place, [...before, devices]);
  if (!dir) t.after(() => removeFolder(place));
  const active: NodePod[] = [];
  const pokes: string[] = [];
  let known = () => undefined as undefined;
  const synced = new Promise<void>((resolve) => {
    known = () => void resolve();
  });
  devices.start({
    active: () => active,
    synced: () => synced,
    onHealth: (uid) => pokes.push(uid),
    onAmounts: () => undefined,
  });
  if (running.length === 0) known();
  await new Promise((resolve) => setImmediate(resolve));
  return { devices, dir: place, active, pokes };
}

async function startPlugin(t: TestContext, { devices, dir }: Node, traits: PluginTraits = {}) {
  const plugin = new TestDevicePlugin(`${dir}/device-plugins`, traits);
  await plugin.start(t);
  await until(() => devices.amounts().capacity[plugin.resource] !== undefined);
  return plugin;
}

async function allocate(node: Node, pod: NodePod): Promise<void> {
  node.active.push(pod);
  for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
    await node.devices.allocate(pod, container, undefined, never);
  }
}

const envOf = async ({ devices }: Node, pod: NodePod, container: Container) =>
  (await devices.devicesOf(pod, container, never))?.envs[0]?.value;

test('device plugin – with a device that is not healthy – it counts for the capacity alone', async (t) => {
  const node = await startNode(t);
  const unhealthy = { ID: 'b', health: 'Unhealthy' };
  const plugin = await startPlugin(t, node, { devices: [{ ID: 'a' }, unhealthy] });
  assert.deepEqual(node.devices.amounts(), { capacity: { [thing]: '2' }, allocatable: { [thing]: '1' } });
  plugin.change([{ ID: 'a' }, { ID: 'b' }]);
  await until(() => node.devices.amounts().allocatable[thing] === '2');
});

test('device plugin – killed – none of its devices is allocatable; after it has registered again, all are', async (t) => {
  const node = await startNode(t);
  const plugin = await startPlugin(t, node);
  plugin.kill();
  await until(() => node.devices.amounts().allocatable[thing] === '0');
  assert.equal(node.devices.amounts().capacity[thing], '1');
  await plugin.start(t);
  await until(() => node.devices.amounts().allocatable[thing] === '1');
});

for (const [what, request, message] of [
  [
    'of another version',
    { version: 'v1alpha1' },
    'requested API version "v1alpha1" is not supported by kubelet. Supported version is ["v1beta1"]',
  ],
  ['of a native resource', { resourceName: 'cpu' }, 'the ResourceName "cpu" is invalid'],
] as const) {
  test(`device plugin – ${what} – is not registered: ${message}`, async (t) => {
    const node = await startNode(t);
    const plugin = new TestDevicePlugin(`${node.dir}/device-plugins`);
    const endpoint = await plugin.serve(t);
    await assert.rejects(plugin.register(endpoint, request), {
      message: `rpc error: code = Unknown desc = ${message}`,
    });
    assert.deepEqual(node.devices.amounts().capacity, {});
  });
}

test('device plugin – by its registration socket – is registered, and gone when the socket goes', async (t) => {
  const node = await startNode(t);
  const { handler } = node.devices;
  const plugin = new TestDevicePlugin(`${node.dir}/device-plugins`);
  const endpoint = `${node.dir}/device-plugins/${await plugin.serve(t)}`;
  const info = { type: 'DevicePlugin', name: thing, endpoint, supportedVersions: ['v1beta1'] };
  handler.validate(info);
  const deregister = await handler.register(info);
  await until(() => node.devices.amounts().allocatable[thing] === '1');
  await deregister();
  await until(() => node.devices.amounts().allocatable[thing] === '0');
  assert.throws(() => handler.validate({ ...info, supportedVersions: ['v2', 'v3'] }), {
    message: 'manager version, v1beta1, is not among plugin supported versions [v2 v3]',
  });
  assert.throws(() => handler.validate({ ...info, name: 'x' }), {
    message: 'invalid name of device plugin socket: the ResourceName "x" is invalid',
  });
});

test('container – with devices – is given what the plugin answers, and the plugin is asked once', async (t) => {
  const node = await startNode(t);
  const answer = {
    envs: { THING: 'a' },
    mounts: [{ containerPath: '/lib/thing', hostPath: '/var/lib/kubelet/thing', readOnly: true }],
    devices: [{ containerPath: '/dev/thing', hostPath: '/dev/null', permissions: 'mrw' }],
    annotations: { 'example.com/a': 'b' },
    cdiDevices: [{ name: 'example.com/thing=a' }],
  };
  const answers = { Allocate: () => ({ containerResponses: [answer] }) };
  const plugin = await startPlugin(t, node, { answers });
  const container = wanting('main', 1);
  const pod = podOf('p', { containers: [container] });
  await allocate(node, pod);
  const given = {
    envs: [{ key: 'THING', value: 'a' }],
    mounts: [
      {
        containerPath: '/lib/thing',
        hostPath: `${node.dir}/thing`,
        readonly: true,
        propagation: 'PROPAGATION_PRIVATE',
      },
    ],
    devices: answer.devices,
    annotations: answer.annotations,
    cdiDevices: ['example.com/thing=a'],
  };
  assert.deepEqual(await node.devices.devicesOf(pod, container, never), given);
  await node.devices.allocate(pod, container, undefined, never);
  assert.deepEqual(await node.devices.devicesOf(pod, container, never), given);
  assert.deepEqual(
    plugin.calls.map(({ method }) => method),
    ['Allocate'],
  );
  assert.equal(await node.devices.devicesOf(pod, { name: 'other' }, never), undefined);
});

test('container – more devices than are free – is rejected, and those of ended pods are free', async (t) => {
  const node = await startNode(t);
  await startPlugin(t, node, { devices: [{ ID: 'a' }, { ID: 'b' }] });
  await allocate(node, podOf('p', { containers: [wanting('main', 1)] }));
  const second = podOf('q', { containers: [wanting('main', 2)] });
  await assert.rejects(allocate(node, second), {
    message: `requested number of devices unavailable for ${thing}. Requested: 2, Available: 1`,
  });
  node.active.length = 0;
  await allocate(node, second);
});

test('containers of two pods at once – one device – is given to one', async (t) => {
  const node = await startNode(t);
  const release: (() => void)[] = [];
  const answers = {
    Allocate: () =>
      new Promise<Record<string, unknown>>((resolve) => {
        release.push(() => resolve({ containerResponses: [{}] }));
      }),
  };
  await startPlugin(t, node, { answers });
  const first = allocate(node, podOf('p', { containers: [wanting('main', 1)] }));
  await assert.rejects(allocate(node, podOf('q', { containers: [wanting('main', 1)] })), /unavailable/);
  await until(() => release.length === 1);
  release[0]!();
  await first;
});

test('plugin – cannot allocate – its words are the reason, and the devices are free again', async (t) => {
  const node = await startNode(t);
  const answers: Record<string, () => Record<string, unknown>> = {
    Allocate: () => {
      throw new Error('broken');
    },
  };
  await startPlugin(t, node, { answers });
  const pod = podOf('p', { containers: [wanting('main', 1)] });
  await assert.rejects(allocate(node, pod), { message: 'rpc error: code = Unknown desc = broken' });
  answers['Allocate'] = () => ({ containerResponses: [{ envs: { A: '1' } }] });
  await allocate(node, pod);
});

test('plugin – hangs in Allocate – is left when the pod has to end', async (t) => {
  const node = await startNode(t);
  const answers = { Allocate: () => new Promise<Record<string, unknown>>(() => undefined) };
  const plugin = await startPlugin(t, node, { answers });
  const ending = new AbortController();
  const container = wanting('main', 1);
  const pod = podOf('p', { containers: [container] });
  const asked = node.devices.allocate(pod, container, undefined, ending.signal);
  await until(() => plugin.calls.length === 1);
  ending.abort();
  await assert.rejects(asked, { message: 'rpc error: code = Canceled desc = context canceled' });
});

test('plugin – with preferences – its choice is taken', async (t) => {
  const node = await startNode(t);
  const plugin = await startPlugin(t, node, {
    devices: [{ ID: 'a' }, { ID: 'b' }, { ID: 'c' }],
    options: { getPreferredAllocationAvailable: true },
    answers: { GetPreferredAllocation: () => ({ containerResponses: [{ deviceIDs: ['c'] }] }) },
  });
  const container = wanting('main', 2);
  const pod = podOf('p', { containers: [container] });
  await allocate(node, pod);
  assert.equal(await envOf(node, pod, container), 'a,c');
  assert.deepEqual(plugin.calls[0]!.request, {
    containerRequests: [{ availableDeviceIDs: ['a', 'b', 'c'], mustIncludeDeviceIDs: [], allocationSize: 2 }],
  });
});

test('plugin – that is to be called before each start – is called, and its error keeps the container', async (t) => {
  const node = await startNode(t);
  const answers: PluginTraits['answers'] = {};
  const plugin = await startPlugin(t, node, { options: { preStartRequired: true }, answers });
  const container = wanting('main', 1);
  const pod = podOf('p', { containers: [container] });
  await allocate(node, pod);
  await node.devices.devicesOf(pod, container, never);
  assert.deepEqual(plugin.calls.at(-1), { method: 'PreStartContainer', request: { devicesIds: ['dev1'] } });
  answers['PreStartContainer'] = () => {
    throw new Error('not now');
  };
  await assert.rejects(node.devices.devicesOf(pod, container, never), {
    message: 'device plugin PreStartContainer rpc failed with err: rpc error: code = Unknown desc = not now',
  });
});

test('plugin – hangs before a start – is left when the pod has to end', async (t) => {
  const node = await startNode(t);
  const answers = { PreStartContainer: () => new Promise<Record<string, unknown>>(() => undefined) };
  const plugin = await startPlugin(t, node, { options: { preStartRequired: true }, answers });
  const container = wanting('main', 1);
  const pod = podOf('p', { containers: [container] });
  await allocate(node, pod);
  const ending = new AbortController();
  const asked = node.devices.devicesOf(pod, container, ending.signal);
  await until(() => plugin.calls.at(-1)?.method === 'PreStartContainer');
  ending.abort();
  await assert.rejects(asked, /code = Canceled desc = context canceled$/);
});

test('init container – that ends – leaves its devices to the containers, a sidecar keeps its own', async (t) => {
  const node = await startNode(t);
  await startPlugin(t, node, { devices: [{ ID: 'a' }, { ID: 'b' }] });
  const [init, sidecar, main] = [
    wanting('init', 2),
    wanting('sidecar', 1, { restartPolicy: 'Always' }),
    wanting('main', 1),
  ];
  const pod = podOf('p', { initContainers: [init, sidecar], containers: [main] });
  await allocate(node, pod);
  assert.equal(await envOf(node, pod, init), 'a,b');
  assert.equal(await envOf(node, pod, sidecar), 'a');
  assert.equal(await envOf(node, pod, main), 'b');
});

test('device – turns unhealthy – shows in the status of its container', async (t) => {
  const node = await startNode(t);
  const plugin = await startPlugin(t, node);
  const container = wanting('main', 1);
  const pod = podOf('p', { containers: [container] });
  await allocate(node, pod);
  const status = (health: string) => [{ name: thing, resources: [{ resourceID: 'dev1', health }] }];
  assert.deepEqual(node.devices.healthOf(pod, container), status('Healthy'));
  plugin.change([{ ID: 'dev1', health: 'Unhealthy' }]);
  await until(() => node.pokes.includes('p'));
  assert.deepEqual(node.devices.healthOf(pod, container), status('Unhealthy'));
  assert.deepEqual(node.devices.healthOf(pod, { name: 'other' }), []);
});

test('kubelet – started again – pods keep their devices, and new pods get none until the plugin registers', async (t) => {
  const node = await startNode(t);
  const plugin = await startPlugin(t, node, { devices: [{ ID: 'a' }, { ID: 'b' }] });
  const container = wanting('main', 1);
  const pod = podOf('p', { containers: [container] });
  await allocate(node, pod);
  await node.devices.devicesOf(pod, container, never);
  const text = await readFile(`${node.dir}/device-plugins/kubelet_internal_checkpoint`, 'utf8');
  assert.deepEqual([...parseCheckpoint(text).registered], [[thing, ['a', 'b']]]);
  plugin.kill();
  await node.devices.stop();

  const next = await startNode(t, node.dir, ['p']);
  assert.ok(next.devices.isKnownNode);
  assert.deepEqual(next.devices.amounts(), { capacity: { [thing]: '0' }, allocatable: { [thing]: '0' } });
  assert.deepEqual(next.devices.allocatedAmounts('p'), { [thing]: 1 });
  await allocate(next, pod);
  assert.equal(await envOf(next, pod, container), 'a');
  const second = podOf('q', { containers: [container] });
  await assert.rejects(allocate(next, second), {
    message: `no healthy devices present; cannot allocate unhealthy devices ${thing}`,
  });
  await plugin.start(t);
  await until(() => next.devices.amounts().allocatable[thing] === '2');
  await allocate(next, second);
  assert.equal(await envOf(next, second, container), 'b');
});

test('kubelet – started again after a reboot – a pod whose containers have ended needs its devices healthy', async (t) => {
  const node = await startNode(t);
  const plugin = await startPlugin(t, node);
  const pod = podOf('p', { containers: [wanting('main', 1)] });
  await allocate(node, pod);
  await node.devices.devicesOf(pod, pod.spec.containers[0]!, never);
  plugin.kill();
  await node.devices.stop();
  const next = await startNode(t, node.dir);
  await assert.rejects(allocate(next, pod), /no healthy devices present/);
});
