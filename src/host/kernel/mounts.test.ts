import assert from 'node:assert/strict';
import { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { command } from '../processes/command.ts';
import { currentMounts } from './mount-info.ts';
import { propagationAt } from './mount-propagation.ts';
import { isMounted, makeRShared, mountTmpfs, unmountUnder } from './mounts.ts';

const skip = process.platform === 'linux' && process.getuid?.() === 0 ? false : 'needs root on Linux';

test('unmountUnder – hidden mounts, mounts through a link – are all unmounted', {
  skip,
}, async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'kybern-mounts-'));
  const dir = join(home, 'a b');
  const link = join(home, 'link');
  t.after(() => rmSync(home, { recursive: true }));
  mkdirSync(join(dir, 'deep'), { recursive: true });
  symlinkSync(dir, link);
  await mountTmpfs(join(dir, 'deep'));
  assert.ok(await isMounted(join(link, 'deep')));
  await mountTmpfs(join(link, 'deep'));
  await mountTmpfs(dir);
  assert.deepEqual(readdirSync(dir), [], 'the deep mount is hidden');
  await unmountUnder(link);
  assert.ok(!(await isMounted(dir)) && !(await isMounted(join(dir, 'deep'))));
});

test('unmountUnder – many folders at once – share the calls of umount, each waits for its own mounts', {
  skip,
}, async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'kybern-mounts-'));
  const dirs = Array.from({ length: 20 }, (_, i) => join(home, `pod-${i}`));
  t.after(() => rmSync(home, { recursive: true }));
  for (const dir of dirs) {
    mkdirSync(join(dir, 'volume'), { recursive: true });
    await mountTmpfs(join(dir, 'volume'));
  }
  const kept = join(home, 'pod-1x');
  mkdirSync(kept);
  await mountTmpfs(kept);
  const spawn = t.mock.method(ChildProcess.prototype as unknown as { spawn(): void }, 'spawn');
  const isLeft = (dir: string) => isMounted(join(dir, 'volume'));
  const left = await Promise.all(dirs.map((dir) => unmountUnder(dir).then(() => isLeft(dir))));
  assert.deepEqual(left, Array(20).fill(false));
  const programs = spawn.mock.callCount();
  assert.ok(programs <= 5, `one for each round, not for each folder: ${programs}`);
  assert.ok(await isMounted(kept), 'a neighbour with a similar name');
  await unmountUnder(kept);
});

/** A private mount, whatever `/` is on this machine, with a folder in it. */
async function privateFolder(t: TestContext): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'kybern-mounts-'));
  t.after(async () => {
    await unmountUnder(home);
    rmSync(home, { recursive: true });
  });
  await mountTmpfs(home);
  await command('mount', ['--make-private', home]);
  const dir = join(home, 'kubelet');
  mkdirSync(join(dir, 'pods'), { recursive: true });
  return dir;
}

test('makeRShared – a folder on a private mount, twice – is one shared mount, and can be unmounted', {
  skip,
}, async (t) => {
  const dir = await privateFolder(t);
  assert.equal((await propagationAt(dir)).shared, false);
  await makeRShared(dir);
  await makeRShared(dir);
  assert.deepEqual(await propagationAt(join(dir, 'pods')), { mountPoint: dir, shared: true, slave: false });
  assert.equal((await currentMounts()).filter((mount) => mount.path === dir).length, 1);
  await mountTmpfs(join(dir, 'pods'));
  assert.equal((await propagationAt(join(dir, 'pods'))).shared, true, 'what is mounted below is shared, too');
  await unmountUnder(dir);
  assert.ok(!(await isMounted(dir)));
});

test('makeRShared – a folder with mounts below it – is not changed, so that none gets hidden', {
  skip,
}, async (t) => {
  const dir = await privateFolder(t);
  await mountTmpfs(join(dir, 'pods'));
  await makeRShared(dir);
  assert.ok(!(await isMounted(dir)));
  await unmountUnder(dir);
  await makeRShared(dir);
  assert.equal((await propagationAt(dir)).shared, true);
});
