/** Reads the kernel's files of control groups: numbers, and lines of a name and a number. */

import { readFile } from 'node:fs/promises';
import { isCgroupV2 } from '../capabilities.ts';

/** Where the hierarchies are mounted, and which version they are. */
export interface CgroupMount {
  readonly mountPoint: string;
  readonly isV2: boolean;
}

export function machineCgroups(): CgroupMount {
  return { mountPoint: '/sys/fs/cgroup', isV2: isCgroupV2() };
}

/** The number behind a name; undefined where the kernel has none. */
export type NamedNumbers = (name: string) => number | undefined;

export async function readNumber(file: string): Promise<number> {
  return Number((await readFile(file, 'latin1')).trim());
}

export async function readNamedNumbers(file: string): Promise<NamedNumbers> {
  const text = `\n${await readFile(file, 'latin1')}`;
  return (name) => {
    const start = text.indexOf(`\n${name} `);
    if (start < 0) return undefined;
    const end = text.indexOf('\n', start + 1);
    return Number(text.slice(start + name.length + 2, end < 0 ? undefined : end));
  };
}

/** The path of a file of one group: `controller` says in which hierarchy of v1. */
export type CgroupFile = (controller: string, file: string) => string;

/** Undefined for a file that is not there, and for one that has no number, such as `max`. */
export async function numberOf(file: string): Promise<number | undefined> {
  const value = await unlessAbsent(readNumber(file));
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

/** Undefined for a file that is not there, or whose group was removed between its opening and its read. */
export async function unlessAbsent<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
