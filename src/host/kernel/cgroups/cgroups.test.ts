import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { isCgroupV2 } from '../capabilities.ts';
import { ensureCgroup, removeCgroups } from './cgroups.ts';

const skip = process.platform === 'linux' && process.getuid?.() === 0 ? false : 'needs root on Linux';
const mountPoint = '/sys/fs/cgroup';

function foldersOf(path: string): string[] {
  const roots = isCgroupV2() ? [''] : readdirSync(mountPoint).map((name) => `/${name}`);
  return roots.map((root) => `${mountPoint}${root}${path}`).filter((dir) => existsSync(dir));
}

/** A process in the cgroup `path` that keeps a cpu busy. */
async function busyIn(t: TestContext, path: string) {
  const child = spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  for (const dir of foldersOf(path)) writeFileSync(`${dir}/cgroup.procs`, String(child.pid));
  return child;
}

test('a cgroup – its processes have almost no cpu quota – is removed with them', {
  skip,
  timeout: 60_000,
}, async (t) => {
  const root = `/kybern-test-${process.pid}-throttled`;
  t.after(() => removeCgroups(root));
  await ensureCgroup(`${root}/pod/container`, { cpuQuota: 1000 });
  const children = await Promise.all(Array.from({ length: 20 }, () => busyIn(t, `${root}/pod/container`)));
  const ends = children.map((child) => once(child, 'exit'));
  await removeCgroups(root);
  assert.deepEqual(foldersOf(root), []);
  for (const end of ends) assert.deepEqual(await end, [null, 'SIGKILL']);
});

test('a cgroup – its processes are frozen – is removed with them', { skip, timeout: 60_000 }, async (t) => {
  const root = `/kybern-test-${process.pid}-frozen`;
  t.after(() => removeCgroups(root));
  const freezer = isCgroupV2() ? `${mountPoint}${root}` : `${mountPoint}/freezer${root}`;
  await ensureCgroup(root, {});
  mkdirSync(freezer, { recursive: true });
  const child = await busyIn(t, root);
  const end = once(child, 'exit');
  if (isCgroupV2()) writeFileSync(`${freezer}/cgroup.freeze`, '1');
  else writeFileSync(`${freezer}/freezer.state`, 'FROZEN');
  await removeCgroups(root);
  assert.deepEqual(foldersOf(root), []);
  assert.deepEqual(await end, [null, 'SIGKILL']);
});

test('a cgroup – that does not exist – counts as removed', { skip }, async () => {
  await removeCgroups(`/kybern-test-${process.pid}-none`);
});
