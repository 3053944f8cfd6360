import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { limitExisting } from './existing.ts';

/** A folder that looks like a mounted hierarchy. */
function mountOf(t: TestContext, isV2: boolean, folders: readonly string[]) {
  const mountPoint = mkdtempSync(join(tmpdir(), 'cgroups-'));
  t.after(() => rmSync(mountPoint, { recursive: true }));
  for (const folder of folders) mkdirSync(join(mountPoint, folder), { recursive: true });
  return { mountPoint, isV2 };
}

const limits = { cpuShares: 1024, memoryBytes: 2 ** 30, pids: 100 };

test('a control group of v1 – that exists – gets its limits', async (t) => {
  const mount = mountOf(t, false, ['cpu/a/b', 'memory/a/b', 'pids/a/b', 'freezer']);
  await limitExisting('a/b', limits, mount);
  const read = (file: string) => readFileSync(join(mount.mountPoint, file), 'utf8');
  assert.deepEqual(
    [read('cpu/a/b/cpu.shares'), read('memory/a/b/memory.limit_in_bytes'), read('pids/a/b/pids.max')],
    ['1024', String(2 ** 30), '100'],
  );
});

test('a control group of v1 – that one hierarchy lacks – is refused, and is not made', async (t) => {
  const mount = mountOf(t, false, ['cpu/a/b', 'memory', 'pids/a/b']);
  const message = `cgroup ["a" "b"] has some missing paths: ${mount.mountPoint}/memory/a/b`;
  await assert.rejects(limitExisting('/a/b', limits, mount), { message });
  assert.deepEqual(
    [existsSync(`${mount.mountPoint}/memory/a`), existsSync(`${mount.mountPoint}/cpu/a/b/cpu.shares`)],
    [false, false],
  );
});

test('a control group of v2 – that has the controllers of the machine – gets its limits', async (t) => {
  const mount = mountOf(t, true, ['system']);
  writeFileSync(`${mount.mountPoint}/cgroup.controllers`, 'cpu io memory pids\n');
  writeFileSync(`${mount.mountPoint}/system/cgroup.controllers`, 'cpu memory pids\n');
  await limitExisting('/system', limits, mount);
  const read = (file: string) => readFileSync(`${mount.mountPoint}/system/${file}`, 'utf8');
  assert.deepEqual(
    [read('cpu.weight'), read('memory.max'), read('pids.max')],
    ['39', String(2 ** 30), '100'],
  );
});

test('a control group of v2 – without a controller of the machine – is refused', async (t) => {
  const mount = mountOf(t, true, ['system']);
  writeFileSync(`${mount.mountPoint}/cgroup.controllers`, 'cpu memory pids\n');
  writeFileSync(`${mount.mountPoint}/system/cgroup.controllers`, 'cpu\n');
  const message = 'cgroup ["system"] has some missing controllers: memory, pids';
  await assert.rejects(limitExisting('/system', limits, mount), { message });
});

test('a control group of v2 – that does not exist – is refused', async (t) => {
  const mount = mountOf(t, true, []);
  writeFileSync(`${mount.mountPoint}/cgroup.controllers`, 'cpu memory pids\n');
  const message = /^could not read controllers for cgroup \["system"\]: /;
  await assert.rejects(limitExisting('/system', limits, mount), { message });
});
