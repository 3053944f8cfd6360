/** Mounts of real directories and loop devices, in a folder of the test's own. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isMounted, unmountUnder } from './mounts.ts';
import { bindDirectory, growFileSystem, mountDisk, mountVolume } from './volume-mounts.ts';

const mebibyte = 2 ** 20;

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'kybern-mounts-'));
  t.after(async () => {
    await unmountUnder(dir);
    rmSync(dir, { recursive: true });
  });
  return dir;
}

function loopDevice(t: TestContext, dir: string): string {
  writeFileSync(`${dir}/image`, '');
  truncateSync(`${dir}/image`, 32 * mebibyte);
  const device = execFileSync('losetup', ['--find', '--show', `${dir}/image`], { encoding: 'utf8' }).trim();
  t.after(() => execFileSync('losetup', ['--detach', device]));
  return device;
}

test('a directory – bound twice, with a mount below it – is bound once, and the mount below is hidden', async (t) => {
  const dir = folder(t);
  for (const made of ['from/below', 'to']) mkdirSync(`${dir}/${made}`, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', `${dir}/from/below`]);
  writeFileSync(`${dir}/from/below/hidden`, '');
  for (let round = 0; round < 2; round++) await bindDirectory(`${dir}/from`, `${dir}/to`, []);
  assert.deepEqual([existsSync(`${dir}/to/below`), existsSync(`${dir}/to/below/hidden`)], [true, false]);
  execFileSync('umount', [`${dir}/to`]);
  assert.equal(await isMounted(`${dir}/to`), false);
});

test('a mount – that fails – says so as upstream, and leaves no mount point', async (t) => {
  const dir = folder(t);
  const target = `${dir}/to`;
  await assert.rejects(
    mountVolume({ source: `${dir}/none`, target, type: 'ext4', options: ['ro'] }),
    (error: Error) => {
      const [first, second, third, output = ''] = error.message.split('\n');
      assert.deepEqual(
        [first, second, third],
        [
          'mount failed: exit status 32',
          'Mounting command: mount',
          `Mounting arguments: -t ext4 -o ro ${dir}/none ${target}`,
        ],
      );
      return output.startsWith('Output: ');
    },
  );
  assert.equal(existsSync(target), false);
});

test('a disk – blank, to be read only – is not formatted', async (t) => {
  const dir = folder(t);
  const device = loopDevice(t, dir);
  await assert.rejects(mountDisk(device, `${dir}/to`, 'ext4', ['ro']), {
    message: `cannot mount unformatted disk ${device} as it is read-only`,
  });
});

test('a disk – blank, then with a file system – is formatted once, and not mounted as another', async (t) => {
  const dir = folder(t);
  const device = loopDevice(t, dir);
  await assert.rejects(growFileSystem(device, `${dir}/to`), {
    message: `resize of format none is not supported for device ${device}`,
  });
  await mountDisk(device, `${dir}/to`, 'ext4', []);
  writeFileSync(`${dir}/to/kept`, '');
  execFileSync('umount', [`${dir}/to`]);
  await assert.rejects(mountDisk(device, `${dir}/to`, 'xfs', []), {
    message: 'failed to mount the volume as "xfs", it already contains ext4',
  });
  await mountDisk(device, `${dir}/to`, 'ext4', []);
  assert.ok(existsSync(`${dir}/to/kept`));
});

test('a disk – blank, of no wanted file system – gets ext4', async (t) => {
  const dir = folder(t);
  const device = loopDevice(t, dir);
  await mountDisk(device, `${dir}/to`, '', []);
  const found = execFileSync('findmnt', ['-n', '-o', 'FSTYPE', `${dir}/to`]).toString();
  assert.equal(found.trim(), 'ext4');
});

/** Changes a file system that is not mounted, and marks it as one to be checked. */
function damage(device: string, request: string): void {
  for (const each of [request, 'set_super_value state 2']) {
    execFileSync('debugfs', ['-w', '-R', each, device], { stdio: 'ignore' });
  }
}

test('a disk – with errors – is repaired before it is mounted, or not mounted', async (t) => {
  const dir = folder(t);
  const device = loopDevice(t, dir);
  execFileSync('mkfs.ext4', ['-q', device]);
  damage(device, 'set_super_value free_blocks_count 1');
  await mountDisk(device, `${dir}/to`, 'ext4', []);
  const free = execFileSync('stat', ['-f', '-c', '%f', `${dir}/to`]).toString();
  assert.ok(Number(free) > 1);
  execFileSync('umount', [`${dir}/to`]);
  damage(device, 'clri <2>');
  await assert.rejects(mountDisk(device, `${dir}/to`, 'ext4', []), ({ message }: Error) =>
    message.startsWith(`'fsck' found errors on device ${device} but could not correct them: `),
  );
});
