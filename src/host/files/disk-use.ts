/**
 * Disk usage of directories, as du counts it: blocks, a file with several hard links once, nothing mounted
 * below. Unlike du, find reports every file as it goes, so that a walk that has to be ended counts the part
 * walked.
 */

import { tryCommand } from '../processes/command.ts';

/** Time limit whatever a directory contains: enough for some ten million files. */
const walkMaxMs = 30_000;
const blockBytes = 512;
const linkedFilesMax = 1_000_000;

export interface DiskUse {
  readonly bytes: number;
  /** Of files and directories, the counted directory itself among them. */
  readonly inodes: number;
}

/** By path. A directory that does not exist is omitted; one not reached in time counts as empty. */
export async function diskUse(
  paths: readonly string[],
  timeoutMs = walkMaxMs,
): Promise<ReadonlyMap<string, DiskUse>> {
  if (paths.length === 0) return new Map();
  const count = new DiskUseCount();
  // `find` also fails for a file that vanished during the walk: what it reports of the others is correct.
  await tryCommand('find', findArguments(paths), { timeoutMs, onStdout: (chunk) => count.add(chunk) });
  return count.uses;
}

/**
 * Prints `blocks =path` for each of the paths itself, `blocks inode` for a file with several hard links,
 * `blocks` for all others.
 */
function findArguments(paths: readonly string[]): string[] {
  const isOneOf = paths.flatMap((path, index) => [...(index > 0 ? ['-o'] : []), '-path', globEscaped(path)]);
  return [
    ...paths,
    '-xdev',
    ...['-type', 'd', '(', ...isOneOf, ')', '-printf', '%b =%p\\0'],
    ...['-o', '(', '-type', 'd', '-o', '-links', '1', ')', '-printf', '%b\\0'],
    ...['-o', '-printf', '%b %i\\0'],
  ];
}

function globEscaped(path: string): string {
  return path.replace(/[[\]*?\\]/g, '\\$&');
}

/** Adds up find's output as it arrives. */
export class DiskUseCount {
  readonly uses = new Map<string, DiskUse>();
  readonly #linkedInodes = new Set<string>();
  #path = '';
  #unfinished = '';

  add(chunk: Uint8Array): void {
    const records = (this.#unfinished + Buffer.from(chunk).toString('latin1')).split('\0');
    this.#unfinished = records.pop()!;
    for (const record of records) this.#addRecord(record);
  }

  #addRecord(record: string): void {
    const blank = record.indexOf(' ');
    const blocks = Number(blank < 0 ? record : record.slice(0, blank));
    const mark = blank < 0 ? '' : record.slice(blank + 1);
    if (mark.startsWith('=')) this.#path = Buffer.from(mark.slice(1), 'latin1').toString();
    else if (mark !== '' && !this.#isFirst(mark)) return;
    const { bytes, inodes } = this.uses.get(this.#path) ?? { bytes: 0, inodes: 0 };
    this.uses.set(this.#path, { bytes: bytes + blocks * blockBytes, inodes: inodes + 1 });
  }

  #isFirst(inode: string): boolean {
    if (this.#linkedInodes.has(inode)) return false;
    if (this.#linkedInodes.size < linkedFilesMax) this.#linkedInodes.add(inode);
    return true;
  }
}
