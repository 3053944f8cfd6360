import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readCgroupDetails } from './details.ts';

async function treeOf(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const mountPoint = await mkdtemp(join(tmpdir(), 'cgroups-'));
  t.after(() => rm(mountPoint, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(mountPoint, path)), { recursive: true });
    await writeFile(join(mountPoint, path), text);
  }
  return mountPoint;
}

test('the details of a cgroup of v1 – limited in CPU and memory – are read of each hierarchy', async (t) => {
  const mountPoint = await treeOf(t, {
    'cpuacct/p/cpuacct.stat': 'user 150\nsystem 50\n',
    'cpu/p/cpu.stat':
      'nr_periods 10\nnr_throttled 3\nthrottled_time 2500000000\nnr_bursts 4\nburst_time 500000000\n',
    'cpu/p/cpu.shares': '512\n',
    'cpu/p/cpu.cfs_period_us': '100000\n',
    'cpu/p/cpu.cfs_quota_us': '50000\n',
    'memory/p/memory.stat': 'pgfault 5\npgmajfault 1\ntotal_active_file 70\ntotal_inactive_file 80\n',
    'memory/p/memory.limit_in_bytes': '1048576\n',
    'memory/p/memory.memsw.limit_in_bytes': '2097152\n',
    'memory/p/memory.soft_limit_in_bytes': '9223372036854771712\n',
    'memory/p/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n',
    'memory/p/memory.max_usage_in_bytes': '4096\n',
    'memory/p/memory.failcnt': '2\n',
    'memory/p/memory.kmem.usage_in_bytes': '100\n',
    'blkio/p/blkio.throttle.io_service_bytes_recursive':
      '9999:1 Read 4096\n9999:1 Write 512\n9999:1 Total 4608\nTotal 4608\n',
    'blkio/p/blkio.throttle.io_serviced_recursive': '9999:1 Read 2\n9999:1 Write 1\nTotal 3\n',
    'pids/p/pids.current': '3\n',
    'pids/p/pids.max': 'max\n',
    'pids/p/cgroup.procs': '7\n8\n',
  });
  assert.deepEqual(await readCgroupDetails('/p', { mountPoint, isV2: false }), {
    cpu: {
      userSeconds: 1.5,
      systemSeconds: 0.5,
      shares: 512,
      periodUs: 100_000,
      quotaUs: 50_000,
      periods: 10,
      throttledPeriods: 3,
      throttledSeconds: 2.5,
      burstPeriods: 4,
      burstSeconds: 0.5,
    },
    memory: {
      limitBytes: 1_048_576,
      swapLimitBytes: 2_097_152,
      reservationBytes: undefined,
      maxUsageBytes: 4096,
      limitHits: 2,
      kernelBytes: 100,
      activeFileBytes: 70,
      inactiveFileBytes: 80,
      ownPageFaults: 5,
      ownMajorPageFaults: 1,
      oomKills: 2,
    },
    pressure: undefined,
    io: [{ device: '9999:1', readBytes: 4096, writeBytes: 512, reads: 2, writes: 1 }],
    threads: 3,
    threadsMax: undefined,
    processes: [7, 8],
  });
});

test('the details of a cgroup of v1 – without limits – have none', async (t) => {
  const mountPoint = await treeOf(t, {
    'cpu/p/cpu.cfs_quota_us': '-1\n',
    'memory/p/memory.limit_in_bytes': '9223372036854771712\n',
  });
  const { cpu, memory, io } = await readCgroupDetails('/p', { mountPoint, isV2: false });
  assert.deepEqual([cpu.quotaUs, memory.limitBytes, io], [undefined, undefined, []]);
});

test('the details of a cgroup of v2 – limited in CPU and memory – are read of the one hierarchy', async (t) => {
  const mountPoint = await treeOf(t, {
    'p/cpu.stat':
      'usage_usec 2000000\nuser_usec 1500000\nsystem_usec 500000\nnr_periods 10\nnr_throttled 3\nthrottled_usec 2500000\n',
    'p/cpu.weight': '20\n',
    'p/cpu.max': '50000 100000\n',
    'p/memory.stat': 'pgfault 5\npgmajfault 1\nactive_file 70\ninactive_file 80\nkernel 100\n',
    'p/memory.events': 'low 0\nhigh 0\nmax 2\noom 0\noom_kill 9\n',
    'p/memory.events.local': 'low 0\nhigh 0\nmax 2\noom 0\noom_kill 3\n',
    'p/memory.swap.max': '1024\n',
    'p/memory.min': '512\n',
    'p/memory.pressure':
      'some avg10=1.00 avg60=0.00 avg300=0.00 total=5\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=4\n',
    'p/memory.max': '1048576\n',
    'p/memory.peak': '4096\n',
    'p/io.stat': '9999:1 rbytes=4096 wbytes=512 rios=2 wios=1 dbytes=0 dios=0\n',
    'p/pids.current': '3\n',
    'p/pids.max': '100\n',
    'p/cgroup.procs': '7\n',
  });
  const { cpu, memory, io, pressure, threads, threadsMax, processes } = await readCgroupDetails('/p', {
    mountPoint,
    isV2: true,
  });
  assert.deepEqual(
    [cpu.userSeconds, cpu.quotaUs, cpu.periodUs, cpu.throttledSeconds, cpu.shares],
    [1.5, 50_000, 100_000, 2.5, 500],
  );
  assert.deepEqual(
    [memory.limitBytes, memory.maxUsageBytes, memory.limitHits, memory.kernelBytes],
    [1_048_576, 4096, 2, 100],
  );
  assert.deepEqual([memory.swapLimitBytes, memory.reservationBytes, memory.oomKills], [1024, 512, 3]);
  assert.deepEqual(
    [pressure?.memory?.some.totalMicros, pressure?.memory?.full.totalMicros, pressure?.io],
    [5, 4, undefined],
  );
  assert.deepEqual(io, [{ device: '9999:1', readBytes: 4096, writeBytes: 512, reads: 2, writes: 1 }]);
  assert.deepEqual([threads, threadsMax, processes], [3, 100, [7]]);
});

test('the details of a cgroup of v2 – without limits – have none', async (t) => {
  const mountPoint = await treeOf(t, { 'p/cpu.max': 'max 100000\n', 'p/memory.max': 'max\n' });
  const { cpu, memory } = await readCgroupDetails('/p', { mountPoint, isV2: true });
  assert.deepEqual([cpu.quotaUs, cpu.periodUs, memory.limitBytes], [undefined, 100_000, undefined]);
});
