/** Folders of this machine as volumes, with and without an enforced size, on real file systems. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { isMounted, unmountUnder } from '#host/kernel/mounts.ts';
import { FolderStorage } from './folder-storage.ts';

const skip = process.platform === 'linux' && process.getuid?.() === 0 ? false : 'needs root on Linux';
const mebibyte = 2 ** 20;

function start(t: TestContext) {
  const dir = mkdtempSync(`${tmpdir()}/kybern-storage-`);
  t.after(async () => {
    await unmountUnder(dir);
    rmSync(dir, { recursive: true });
  });
  return { dir: `${dir}/volumes`, storage: () => new FolderStorage(`${dir}/volumes`, silentLog) };
}

const plain = { name: 'pvc-1', sizeBytes: 8 * mebibyte, isEnforced: false };
const sized = { name: 'pvc-2', sizeBytes: 8 * mebibyte, isEnforced: true };

test('a volume – without an enforced size – is a folder that every user may write to, in one of root’s', async (t) => {
  const { dir, storage } = start(t);
  const path = await storage().provision(plain);
  assert.equal(path, `${dir}/pvc-1`);
  assert.equal(statSync(path).mode & 0o777, 0o777);
  assert.equal(statSync(dir).mode & 0o777, 0o700);
  writeFileSync(`${path}/kept`, 'kept');
  assert.equal(await storage().provision(plain), path);
  await storage().expand('pvc-1', 2 ** 40);
  assert.equal(readFileSync(`${path}/kept`, 'utf8'), 'kept');
  await storage().remove('pvc-1');
  await storage().remove('pvc-1');
  assert.equal(existsSync(path), false);
});

test('a volume – with an enforced size – is full at its size, and is found again after a start of the machine', {
  skip,
}, async (t) => {
  const { dir, storage } = start(t);
  const path = await storage().provision(sized);
  writeFileSync(`${path}/kept`, 'kept');
  assert.throws(() => writeFileSync(`${path}/large`, Buffer.alloc(16 * mebibyte)), /ENOSPC/);
  await unmountUnder(dir);
  assert.equal(existsSync(path), false);
  await storage().restore();
  assert.equal(readFileSync(`${path}/kept`, 'utf8'), 'kept');
  await storage().remove('pvc-2');
  assert.deepEqual([existsSync(`${dir}/pvc-2`), await isMounted(`${dir}/pvc-2/mount`)], [false, false]);
});

test('a volume – with an enforced size, expanded – has room for more and keeps its files', {
  skip,
}, async (t) => {
  const { storage } = start(t);
  const path = await storage().provision(sized);
  writeFileSync(`${path}/kept`, 'kept');
  await storage().expand('pvc-2', 32 * mebibyte);
  const { blocks, bsize } = statfsSync(path);
  assert.ok(blocks * bsize > 24 * mebibyte);
  assert.equal(readFileSync(`${path}/kept`, 'utf8'), 'kept');
});

test('a volume – larger than the disk – is refused, and leaves nothing', { skip }, async (t) => {
  const { dir, storage } = start(t);
  await assert.rejects(
    storage().provision({ ...sized, sizeBytes: 2 ** 60 }),
    /are more than the disk of .* has/,
  );
  assert.equal(existsSync(`${dir}/pvc-2`), false);
});

test('a volume – whose expansion finds the disk full – keeps its folder, and grows when there is room', {
  skip,
}, async (t) => {
  const { dir, storage } = start(t);
  mkdirSync(dir);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'none', dir]);
  const path = await storage().provision(sized);
  assert.throws(() => writeFileSync(`${dir}/rest`, Buffer.alloc(64 * mebibyte)), /ENOSPC/);
  await assert.rejects(storage().expand('pvc-2', 28 * mebibyte), /(e2fsck|resize2fs) .*failed/);
  rmSync(`${dir}/rest`);
  await storage().expand('pvc-2', 28 * mebibyte);
  assert.equal(existsSync(path), true);
});
