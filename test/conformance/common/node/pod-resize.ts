/** Containers that get other amounts of processor and memory while they run, and run on. */

import assert from 'node:assert/strict';
import { pods } from '#api/generated/kinds.gen.ts';
import type { Container, Pod, ResourceRequirements } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type Behaviour, type BehaviourContext, behaviour, images } from '../../behaviour.ts';
import { bytesOf } from '../quantities.ts';
import { becomesReady, getPod, statusOf } from '../running.ts';

interface Amounts {
  readonly cpu?: string;
  readonly memory?: string;
  readonly cpuLimit?: string;
  readonly memoryLimit?: string;
}

/** What each container has, in their order. */
type Sizes = readonly Amounts[];

const name = 'resized';
const nameOf = (index: number) => `c${index + 1}`;
const resizing = { subresource: 'resize' };

function resourcesOf({ cpu, memory, cpuLimit, memoryLimit }: Amounts): ResourceRequirements {
  const list = (first?: string, other?: string) => ({
    ...(first ? { cpu: first } : {}),
    ...(other ? { memory: other } : {}),
  });
  const limits = list(cpuLimit, memoryLimit);
  return { requests: list(cpu, memory), ...(Object.keys(limits).length > 0 ? { limits } : {}) };
}

function containersOf(sizes: Sizes): Container[] {
  return sizes.map((size, index) => ({
    name: nameOf(index),
    image: images.busybox,
    resources: resourcesOf(size),
  }));
}

/** With limits that are the requests, as guaranteed pods have them. */
function guaranteed(cpu: string, memory: string): Amounts {
  return { cpu, memory, cpuLimit: cpu, memoryLimit: memory };
}

/** Each container a little larger than the one before, so that none can be taken for another. */
function offset(index: number, cpu: number, memory: number): Amounts {
  return guaranteed(`${cpu + 2 * index}m`, `${memory + 2 * index}Mi`);
}

async function startSized({ client, namespace, ...context }: BehaviourContext, sizes: Sizes): Promise<void> {
  await client.create(pods, {
    metadata: { name, namespace },
    spec: { terminationGracePeriodSeconds: 0, containers: containersOf(sizes) },
  });
  await becomesReady({ client, namespace, ...context }, name);
}

/** Millionths of a second in each tenth of one, and bytes, as the container's own cgroup has them. */
async function limitsInside(context: BehaviourContext, container: string): Promise<string[]> {
  const script = `cd /sys/fs/cgroup
    if [ -e memory.max ]; then cut -d' ' -f1 cpu.max; cat memory.max
    else cat cpu/cpu.cfs_quota_us memory/memory.limit_in_bytes; fi`;
  return (await context.exec(name, ['sh', '-c', script], container)).trim().split('\n');
}

const quotaMin = 1000;

async function isSized(context: BehaviourContext, sizes: Sizes): Promise<Stored<Pod>> {
  const pod = await context.eventually('the status shows the new sizes', async () => {
    const found = await getPod(context, name);
    for (const [index, size] of sizes.entries()) {
      const { resources, allocatedResources, restartCount } = statusOf(found, nameOf(index));
      assert.deepEqual(resources, resourcesOf(size));
      assert.deepEqual(allocatedResources, resourcesOf(size).requests);
      assert.equal(restartCount, 0);
    }
    const open = found.status?.conditions?.filter(({ type }) => type.startsWith('PodResize'));
    assert.deepEqual(open, []);
    assert.equal(found.status?.observedGeneration, found.metadata.generation);
    return found;
  });
  for (const [index, { cpuLimit, memoryLimit }] of sizes.entries()) {
    const [quota, bytes] = await limitsInside(context, nameOf(index));
    if (cpuLimit) assert.equal(Number(quota), Math.max(quotaMin, Number.parseInt(cpuLimit, 10) * 100));
    if (memoryLimit) assert.equal(Number(bytes), bytesOf(memoryLimit));
  }
  return pod;
}

async function resize({ client, namespace }: BehaviourContext, sizes: Sizes): Promise<void> {
  const containers = sizes.map((size, index) => ({ name: nameOf(index), resources: resourcesOf(size) }));
  await client.patch(pods, { namespace, name }, 'strategic', { spec: { containers } }, resizing);
}

/** There and, where nothing was added that cannot be taken away, back. */
function resizes(codename: string, from: Sizes, to: Sizes, back = true): Behaviour {
  return behaviour(`[sig-node] Pod InPlace Resize Container ${codename}`, async (context) => {
    await startSized(context, from);
    await isSized(context, from);
    await resize(context, to);
    await isSized(context, to);
    if (!back) return;
    await resize(context, from);
    await isSized(context, from);
  });
}

async function replaces(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name };
  const from = [{ cpu: '20m', memory: '35Mi', cpuLimit: '30m', memoryLimit: '45Mi' }];
  const to = [{ cpu: '25m', memory: '40Mi', cpuLimit: '35m', memoryLimit: '50Mi' }];
  await startSized(context, from);
  const pod = await isSized(context, from);
  const resources = resourcesOf(to[0]!);
  const containers = pod.spec!.containers.map((container) => ({ ...container, resources }));
  const replaced = await client.update(pods, { ...pod, spec: { ...pod.spec!, containers } }, resizing);
  assert.deepEqual(replaced.spec?.containers[0]?.resources, resources);
  const after = await isSized(context, to);
  assert.deepEqual(await client.get(pods, key, 'resize'), after);
}

const three = [offset(0, 20, 35), offset(1, 20, 35), offset(2, 20, 35)];
const multiple = 'guaranteed pods with multiple containers 3 containers -';
const since = '[MinimumKubeletVersion:1.34] [Conformance]';

export const podResize: readonly Behaviour[] = [
  resizes(
    `${multiple} increase cpu & mem on c1, c2, decrease cpu & mem on c3 - net increase ${since}`,
    three,
    [offset(0, 25, 40), offset(1, 25, 40), offset(2, 15, 30)],
  ),
  resizes(
    `${multiple} increase cpu & mem on c1, decrease cpu & mem on c2, c3 - net decrease ${since}`,
    three,
    [offset(0, 25, 40), offset(1, 15, 30), offset(2, 15, 30)],
  ),
  resizes(`${multiple} increase: CPU (c1,c3), memory (c2, c3) ; decrease: CPU (c2) ${since}`, three, [
    offset(0, 25, 35),
    offset(1, 15, 40),
    offset(2, 25, 40),
  ]),
  resizes(
    `burstable pods - extended 6 containers - various operations performed (including adding limits and requests) ${since}`,
    [
      { cpu: '20m' },
      { memory: '35Mi' },
      { cpu: '20m', memory: '35Mi' },
      { cpu: '20m' },
      { memory: '35Mi' },
      { cpu: '20m', memory: '35Mi', cpuLimit: '30m', memoryLimit: '45Mi' },
    ],
    [
      { cpu: '25m', cpuLimit: '35m' },
      { memory: '30Mi', memoryLimit: '50Mi' },
      { cpu: '20m', memory: '30Mi' },
      { cpu: '15m', memory: '35Mi' },
      { cpu: '20m', memory: '40Mi' },
      { cpu: '25m', memory: '30Mi', cpuLimit: '25m', memoryLimit: '50Mi' },
    ],
    false,
  ),
  resizes(
    `burstable pods - extended resize with equivalents ${since}`,
    [{ cpu: '2m', cpuLimit: '10m' }],
    [{ cpu: '1m', cpuLimit: '5m' }],
  ),
  behaviour(`[sig-node] Pod InPlace Resize Container resize pod via the replace endpoint ${since}`, replaces),
];
