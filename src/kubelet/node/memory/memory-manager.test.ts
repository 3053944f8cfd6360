import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import { readMemorySettings } from '#api/configuration/kubelet/memory.ts';
import { systemEnv } from '#host/system-env.ts';
import { storedPod } from '#testing/objects.ts';
import type { NodePod } from '../../pod/pod.ts';
import { openMemoryManager } from './memory-manager.ts';

const mi = 2 ** 20;

function setUp(t: TestContext) {
  const dir = mkdtempSync(`${tmpdir()}/kybern-memory-`);
  t.after(() => rmSync(dir, { recursive: true }));
  const pods: NodePod[] = [];
  const open = async (
    limits: Record<string, string> = { memory: '100Mi' },
    { policy = 'Static', numaNode = 0, keptBytes = 100 * mi } = {},
  ) => {
    const manager = await openMemoryManager({
      env: systemEnv(),
      settings: readMemorySettings({
        memoryManagerPolicy: policy,
        reservedMemory: policy === 'None' ? [] : [{ numaNode, limits }],
      }),
      dir,
      keptBytes,
      total: async () =>
        new Map([
          [0, { memory: 600 * mi, 'hugepages-2Mi': 100 * mi }],
          [1, { memory: 400 * mi, 'hugepages-2Mi': 0 }],
        ]),
    });
    manager?.start({ active: () => pods, synced: async () => undefined });
    await Promise.resolve();
    return manager;
  };
  return { pods, open, stateFile: `${dir}/memory_manager_state` };
}

function podOf(name: string, memory: string, more: Record<string, string> = {}): NodePod {
  const amounts = { cpu: '1', memory, ...more };
  return storedPod(name, {
    spec: { containers: [{ name: 'main', resources: { requests: amounts, limits: amounts } }] },
  });
}

test('memory – assigned – is on disk, and the next kubelet keeps it', async (t) => {
  const { open, pods, stateFile } = setUp(t);
  const manager = await open();
  assert.ok(manager);
  const pod = podOf('p', '300Mi', { 'hugepages-2Mi': '20Mi' });
  pods.push(pod);
  manager.assign(pod, pod.spec.containers[0]!, undefined);
  assert.equal(manager.nodesOf('p', 'main'), '0');
  assert.equal(manager.nodesOf('other', 'main'), '');
  await manager.saved();
  assert.match(readFileSync(stateFile, 'utf8'), /"entries":\{"p":\{"main":/);
  const next = await open();
  assert.equal(next?.nodesOf('p', 'main'), '0');
  assert.deepEqual(next?.allocatable(), [
    { numaAffinity: [0], type: 'memory', size: 400 * mi },
    { numaAffinity: [0], type: 'hugepages-2Mi', size: 100 * mi },
    { numaAffinity: [1], type: 'memory', size: 400 * mi },
  ]);
});

test('memory – of a pod that has ended – is free for the next', async (t) => {
  const { open, pods } = setUp(t);
  const manager = await open();
  assert.ok(manager);
  const assign = (pod: NodePod) => {
    pods.push(pod);
    manager.assign(pod, pod.spec.containers[0]!, undefined);
  };
  assign(podOf('a', '400Mi'));
  assign(podOf('b', '400Mi'));
  assert.deepEqual([manager.nodesOf('a', 'main'), manager.nodesOf('b', 'main')], ['0', '1']);
  assert.throws(() => assign(podOf('c', '1Mi')), {
    message:
      '[memorymanager] failed to get the default NUMA affinity, no NUMA nodes with enough memory is available',
  });
  pods.splice(0);
  assign(podOf('c', '800Mi'));
  assert.equal(manager.nodesOf('c', 'main'), '0-1');
});

for (const [what, limits, options, message] of [
  [
    'less than the node keeps',
    { memory: '50Mi' },
    {},
    'the total amount "50Mi" of type "memory" is not equal to the value "100Mi" determined by Node Allocatable feature',
  ],
  [
    'huge pages, which the node does not keep',
    { memory: '100Mi', 'hugepages-2Mi': '2Mi' },
    {},
    'the total amount "2Mi" of type "hugepages-2Mi" is not equal to the value "0" determined by Node Allocatable feature',
  ],
  [
    'of a node that the machine has not',
    { memory: '100Mi' },
    { numaNode: 5 },
    'the reserved memory configuration references a NUMA node 5 that does not exist on this machine',
  ],
] as const) {
  test(`reserved memory – ${what} – is refused`, async (t) => {
    const { open } = setUp(t);
    await assert.rejects(open(limits, options), { message: `start memory manager error: ${message}` });
  });
}

test('memory – of another policy on disk – is refused until the state is removed', async (t) => {
  const { open, stateFile } = setUp(t);
  assert.equal(await open({}, { policy: 'None' }), undefined);
  await assert.rejects(open(), {
    message:
      'start memory manager error: could not restore state from checkpoint: [memorymanager] configured policy "Static" ' +
      'differs from state checkpoint policy "None", please drain this node and delete the memory manager checkpoint ' +
      `file ${JSON.stringify(stateFile)} before restarting Kubelet`,
  });
  rmSync(stateFile);
  assert.ok(await open());
});

test('memory – of another machine on disk – is refused', async (t) => {
  const { open, stateFile } = setUp(t);
  const manager = await open();
  await manager?.saved();
  await open(); // The same machine.
  const other =
    '{"policyName":"Static","machineState":{"0":{"numberOfAssignments":0,"memoryMap":{},"cells":[0]}}}';
  writeFileSync(stateFile, other);
  await assert.rejects(open(), {
    message:
      'start memory manager error: [memorymanager] the expected machine state is different from the real one',
  });
});
