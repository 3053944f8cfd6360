import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { readCgroupUsage } from './usage.ts';

/** A cgroup tree of files, by path. */
async function treeOf(files: Readonly<Record<string, string>>, t: { after(fn: () => Promise<void>): void }) {
  const mountPoint = await mkdtemp(join(tmpdir(), 'cgroups-'));
  t.after(() => rm(mountPoint, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(mountPoint, path)), { recursive: true });
    await writeFile(join(mountPoint, path), text);
  }
  return mountPoint;
}

test('the usage of a cgroup of v1 – with groups below it – is that of the whole tree', async (t) => {
  const mountPoint = await treeOf(
    {
      'cpuacct/kubepods/pod1/cpuacct.usage': '1234567890\n',
      'memory/kubepods/pod1/memory.usage_in_bytes': '5000\n',
      'memory/kubepods/pod1/memory.stat': [
        'cache 1',
        'rss 2',
        'inactive_file 3',
        'total_cache 3000',
        'total_rss 1500',
        'total_mapped_file 70',
        'total_pgfault 11',
        'total_pgmajfault 4',
        'total_swap 0',
        'total_inactive_file 2000',
        '',
      ].join('\n'),
    },
    t,
  );
  assert.deepEqual(await readCgroupUsage('/kubepods/pod1', { mountPoint, isV2: false }), {
    cpuNanos: 1_234_567_890,
    memoryBytes: 5000,
    workingSetBytes: 3000,
    rssBytes: 1500,
    cacheBytes: 3000,
    mappedFileBytes: 70,
    swapBytes: 0,
    pageFaults: 11,
    majorPageFaults: 4,
  });
});

const v2Stat =
  'anon 1500\nfile 3000\nkernel 100\nfile_mapped 70\ninactive_file 2000\npgfault 11\npgmajfault 4\n';

test('the usage of a cgroup of v2 – without swap accounting – leaves swap unknown', async (t) => {
  const mountPoint = await treeOf(
    {
      'kubepods/pod1/cpu.stat': 'usage_usec 1234567\nuser_usec 1000000\nsystem_usec 234567\n',
      'kubepods/pod1/memory.current': '5000\n',
      'kubepods/pod1/memory.stat': v2Stat,
    },
    t,
  );
  assert.deepEqual(await readCgroupUsage('/kubepods/pod1', { mountPoint, isV2: true }), {
    cpuNanos: 1_234_567_000,
    memoryBytes: 5000,
    workingSetBytes: 3000,
    rssBytes: 1500,
    cacheBytes: 3000,
    mappedFileBytes: 70,
    swapBytes: undefined,
    pageFaults: 11,
    majorPageFaults: 4,
  });
});

test('the usage of the root group of v2 – which has no memory.current – is the sum of its parts', async (t) => {
  const mountPoint = await treeOf({ 'cpu.stat': 'usage_usec 1\n', 'memory.stat': v2Stat }, t);
  const usage = await readCgroupUsage('', { mountPoint, isV2: true });
  assert.deepEqual([usage?.memoryBytes, usage?.workingSetBytes], [4600, 2600]);
});

test('the usage of a cgroup – that was removed – is unknown', async (t) => {
  const mountPoint = await treeOf({ 'memory/x': '' }, t);
  for (const isV2 of [false, true]) {
    assert.equal(await readCgroupUsage('/gone', { mountPoint, isV2 }), undefined);
  }
});
