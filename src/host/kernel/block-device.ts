/** The size of a block device, by what the kernel lists of it: no program is started, and the device is not opened. */

import { readFile, stat } from 'node:fs/promises';

const sectorBytes = 512;
const minorBits = 8n;

/** Undefined when the path is not there, or is no block device. */
export async function blockDeviceBytes(path: string): Promise<number | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  if (!found?.isBlockDevice()) return undefined;
  const sectors = await readFile(`/sys/dev/block/${deviceNumber(found.rdev)}/size`, 'utf8').catch(() => '');
  return sectors === '' ? undefined : Number(sectors) * sectorBytes;
}

/** `MAJOR:MINOR`, of glibc's `dev_t`. */
function deviceNumber(rdev: bigint): string {
  const major = ((rdev >> minorBits) & 0xfffn) | ((rdev >> 32n) & ~0xfffn);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & ~0xffn);
  return `${major}:${minor & 0xffffffffn}`;
}
