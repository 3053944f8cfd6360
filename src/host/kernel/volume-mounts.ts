/**
 * Mounts of file systems that hold data of users. A failure is described as upstream's mount utilities do,
 * with the output of the machine's `mount`: it says which helper the machine lacks.
 */

import { ownValue } from '#base/own-value.ts';
import { ensureDirectory, kindOf, removeEmptyDirectory } from '../files/files.ts';
import { tryCommand } from '../processes/command.ts';
import { isMounted } from './mounts.ts';

export interface VolumeMountOptions {
  /** A device, a directory, `server:/path`. */
  readonly source: string;
  readonly target: string;
  /** `ext4`, `nfs`; none for a bind mount. */
  readonly type?: string;
  readonly options?: readonly string[];
  /** Milliseconds after which a mount that hangs is given up. */
  readonly timeoutMs?: number;
}

/** Harmless when something is mounted at the target; what it made is removed again on failure. */
export async function mountVolume({
  source,
  target,
  type,
  options = [],
  timeoutMs,
}: VolumeMountOptions): Promise<void> {
  if (await isMounted(target)) return;
  await ensureDirectory(target, 0o750);
  const flags = [
    ...(type === undefined ? [] : ['-t', type]),
    ...(options.length > 0 ? ['-o', options.join(',')] : []),
  ];
  const args = [...flags, source, target];
  const { code, stdout, stderr } = await tryCommand('mount', args, timeoutMs ? { timeoutMs } : {});
  if (code === 0) return;
  await removeEmptyDirectory(target).catch(() => undefined);
  throw new Error(mountFailure(code, args, `${stdout}${stderr}`) + (await lack(type)));
}

/** Debian's package of the helper by which `mount` mounts a network file system. */
const helperPackages: Readonly<Record<string, string>> = { nfs: 'nfs-common' };

/** What the machine lacks for this type of file system, which the output of `mount` may not say. */
async function lack(type: string | undefined): Promise<string> {
  const name = type && ownValue(helperPackages, type);
  if (!name || (await kindOf(`/sbin/mount.${type}`)) !== undefined) return '';
  return `the node has no mount.${type}: install ${name}`;
}

function mountFailure(code: number, args: readonly string[], output: string): string {
  const lines = [
    `mount failed: exit status ${code}`,
    'Mounting command: mount',
    `Mounting arguments: ${args.join(' ')}`,
    `Output: ${output.trimEnd()}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** A directory at a second place, with everything mounted below it hidden, as upstream's local volumes are. */
export function bindDirectory(source: string, target: string, options: readonly string[]): Promise<void> {
  return mountVolume({ source, target, options: ['bind', ...options] });
}

/**
 * Mounts a disk; one without a file system is formatted, another file system than the wanted one is an error. One that is
 * to be written is checked before. `wantedType`: ext4 when it is empty or absent.
 */
export async function mountDisk(
  device: string,
  target: string,
  wantedType: string | undefined,
  options: readonly string[],
): Promise<void> {
  if (await isMounted(target)) return;
  const type = wantedType || 'ext4';
  const found = await fileSystemOf(device);
  if (found === undefined) {
    if (options.includes('ro')) throw new Error(`cannot mount unformatted disk ${device} as it is read-only`);
    await format(device, type);
  } else if (found !== type) {
    throw new Error(`failed to mount the volume as "${type}", it already contains ${found}`);
  } else if (!options.includes('ro')) await repair(device);
  await mountVolume({ source: device, target, type, options: ['defaults', ...options] });
}

/** As upstream: what cannot be repaired without a question is not mounted; a node without fsck mounts unchecked. */
async function repair(device: string): Promise<void> {
  const args = ['-a', device];
  const result = await tryCommand('fsck', args, { timeoutMs: formatLimitMs }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    },
  );
  if (result?.code !== uncorrected) return;
  const output = result.stdout + result.stderr;
  throw new Error(`'fsck' found errors on device ${device} but could not correct them: ${output}`);
}

/** The exit code of fsck that left errors. */
const uncorrected = 4;

async function format(device: string, type: string): Promise<void> {
  const flags = type.startsWith('ext') ? ['-F', '-m0'] : ['-f'];
  const { code, stdout, stderr } = await tryCommand(`mkfs.${type}`, [...flags, device], {
    timeoutMs: formatLimitMs,
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new Error(`format of disk ${device} failed: the node has no mkfs.${type}`);
  });
  if (code === 0) return;
  throw new Error(`format of disk ${device} failed: exit status ${code}: ${stdout}${stderr}`);
}

const formatLimitMs = 600_000;
/** `blkid` found nothing that it knows. */
const blank = 2;

async function fileSystemOf(device: string): Promise<string | undefined> {
  const args = ['-p', '-s', 'TYPE', '-s', 'PTTYPE', '-o', 'export', device];
  const { code, stdout, stderr } = await tryCommand('blkid', args);
  if (code === blank) return undefined;
  if (code !== 0) throw new Error(`blkid of ${device} failed: exit status ${code}: ${stderr}`);
  const values = new Map(stdout.split('\n').map((line) => line.split('=', 2) as [string, string]));
  return values.get('TYPE') ?? (values.has('PTTYPE') ? 'unknown data, probably partitions' : undefined);
}

/** Makes the mounted file system as large as its device. */
export async function growFileSystem(device: string, target: string): Promise<void> {
  const type = await fileSystemOf(device);
  if (type !== 'xfs' && !type?.startsWith('ext')) {
    throw new Error(`resize of format ${type ?? 'none'} is not supported for device ${device}`);
  }
  const { code, stdout, stderr } =
    type === 'xfs' ? await tryCommand('xfs_growfs', ['-d', target]) : await tryCommand('resize2fs', [device]);
  if (code === 0) return;
  throw new Error(`resize of device ${target} failed: exit status ${code}: ${stdout}${stderr}`);
}
