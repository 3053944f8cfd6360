/**
 * A file system of a fixed size in a sparse file, mounted through a loop device, which the kernel releases
 * with the last mount.
 */

import { rename, stat, statfs, truncate, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ensureDirectory, kindOf, removeFile } from '../files/files.ts';
import { command, tryCommand } from '../processes/command.ts';
import { currentMountsOf, isMounted } from './mounts.ts';
import { mountVolume } from './volume-mounts.ts';

const fileSystem = 'ext4';
const smallestBytes = 1024 * 1024;
const formatLimitMs = 600_000;

export interface FileDisk {
  /** Makes the file with its file system, and mounts it; harmless when it is there. */
  create(sizeBytes: number): Promise<void>;
  mount(): Promise<void>;
  /** Makes the mounted file system at least as large. Throws why it cannot be now. */
  grow(sizeBytes: number): Promise<void>;
}

export function fileDisk(file: string, target: string): FileDisk {
  const mount = async () => {
    await ensureDirectory(target, 0o755);
    if ((await kindOf(growingMark(file))) !== undefined) await endGrowth(file);
    await mountVolume({ source: file, target, type: fileSystem, options: ['loop'] });
  };
  return {
    mount,
    async create(sizeBytes) {
      if ((await kindOf(file)) === undefined) await makeFile(file, sizeBytes);
      await mount();
    },
    async grow(sizeBytes) {
      await refuseImpossible(file, sizeBytes);
      if ((await stat(file)).size < sizeBytes) await truncate(file, sizeBytes);
      await mount();
      if (await growMounted(file, target)) return;
      try {
        await growUnmounted(file, target);
      } catch (error) {
        // Pods want it as it was; why it did not grow is the better reason.
        await mount().catch(() => undefined);
        throw error;
      }
      await mount();
    },
  };
}

/** The file has its name only when its file system is whole. */
async function makeFile(file: string, sizeBytes: number): Promise<void> {
  const growing = `${file}.new`;
  await writeFile(growing, '', { mode: 0o600 });
  const size = Math.max(sizeBytes, smallestBytes);
  await refuseImpossible(growing, size);
  await truncate(growing, size);
  const args = ['-q', '-F', '-m0', growing];
  const { code, stderr } = await tryCommand(`mkfs.${fileSystem}`, args, { timeoutMs: formatLimitMs }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      throw new Error(`the node has no mkfs.${fileSystem}: install e2fsprogs`);
    },
  );
  if (code !== 0) throw new Error(`mkfs.${fileSystem} failed (${code}): ${stderr.trim()}`);
  await rename(growing, file);
}

async function refuseImpossible(file: string, sizeBytes: number): Promise<void> {
  const { blocks, bsize } = await statfs(dirname(file));
  if (sizeBytes <= blocks * bsize) return;
  throw new Error(
    `${sizeBytes} bytes are more than the disk of ${dirname(dirname(file))} has: ${blocks * bsize}`,
  );
}

/** False where the kernel does not let a mounted file system grow, as in some sandboxes. */
async function growMounted(file: string, target: string): Promise<boolean> {
  const device = (await command('findmnt', ['-n', '-o', 'SOURCE', '--mountpoint', target])).trim();
  if (device.startsWith('/dev/loop')) await command('losetup', ['--set-capacity', device]);
  const { code, stdout, stderr } = await tryCommand('resize2fs', [device]);
  if (code === 0) return true;
  if (/permission denied|operation not permitted/i.test(`${stdout}${stderr}`)) return false;
  throw new Error(`resize2fs of ${file} failed (${code}): ${stderr.trim()}`);
}

async function growUnmounted(file: string, target: string): Promise<void> {
  const places = await currentMountsOf(target);
  if (places.length > 1) {
    throw new Error(
      'this kernel grows no mounted file system: the volume grows when no pod uses it any more',
    );
  }
  if (await isMounted(target)) await command('umount', [target]);
  const { code, stdout } = await tryCommand('e2fsck', ['-f', '-p', file]);
  // 1: errors were corrected.
  if (code > 1) throw new Error(`e2fsck of ${file} failed (${code}): ${stdout.trim()}`);
  // A program that outlives this process holds the mark's lock until it has ended.
  await writeFile(growingMark(file), '', { mode: 0o600 });
  await command('flock', [growingMark(file), 'resize2fs', file]);
  await removeFile(growingMark(file));
}

/** There while a file system that is not mounted grows: what is killed meanwhile leaves it half grown. */
function growingMark(file: string): string {
  return `${file}.growing`;
}

/** Waits for a growth that an earlier process began, and makes the file system whole, whatever its size is then. */
async function endGrowth(file: string): Promise<void> {
  const args = [growingMark(file), 'e2fsck', '-f', '-y', file];
  const { code, stdout } = await tryCommand('flock', args, { timeoutMs: formatLimitMs });
  if (code > 1) throw new Error(`e2fsck of ${file} failed (${code}): ${stdout.trim()}`);
  await removeFile(growingMark(file));
}
