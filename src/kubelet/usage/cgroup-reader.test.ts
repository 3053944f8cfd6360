import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedPod } from '#testing/objects.ts';
import { CgroupReader } from './cgroup-reader.ts';
import type { RunningContainer } from './usage.ts';

const usage = (cpuNanos: number) => ({
  cpuNanos,
  memoryBytes: 0,
  workingSetBytes: 0,
  rssBytes: 0,
  cacheBytes: 0,
  mappedFileBytes: 0,
  swapBytes: 0,
  pageFaults: 0,
  majorPageFaults: 0,
});

function readerOf(groups: Readonly<Record<string, number>>) {
  const containers: RunningContainer[] = [];
  const starts: { id: string; createdAtMs: number }[] = [];
  let lists = 0;
  const reader = new CgroupReader({
    containers: () => containers,
    listContainers: async () => {
      lists++;
      return starts;
    },
    cgroupOf: (pod) => `/k/${pod.metadata.name}`,
    readCgroup: async (path) => (path in groups ? usage(groups[path]!) : undefined),
  });
  const start = (pod: string, id: string, createdAtMs: number) => {
    containers.push({ pod: storedPod(pod), name: 'main', id, image: 'i' });
    starts.push({ id, createdAtMs });
  };
  return { reader, start, lists: () => lists };
}

test('a pass over the cgroups – with a container that ended meanwhile – leaves that out', async () => {
  const { reader, start } = readerOf({ '': 9, '/k/a/1': 1, '/k/b/3': 3 });
  start('a', '1', 10);
  start('a', '2', 20);
  start('b', '3', 30);
  const { node, containers } = await reader.measure();
  assert.equal(node.cpuNanos, 9);
  assert.deepEqual(
    containers.map(({ id, startedAtMs, usage: { cpuNanos } }) => [id, startedAtMs, cpuNanos]),
    [
      ['1', 10, 1],
      ['3', 30, 3],
    ],
  );
});

test('the runtime – while no new container runs – is not asked again when they started', async () => {
  const { reader, start, lists } = readerOf({ '': 0, '/k/a/1': 1, '/k/a/2': 2 });
  start('a', '1', 10);
  await reader.measure();
  await reader.measure();
  assert.equal(lists(), 1);
  start('a', '2', 20);
  assert.equal((await reader.measure()).containers.length, 2);
  assert.equal(lists(), 2);
});
