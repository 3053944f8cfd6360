/**
 * Room of a file system that may not answer, as one of a network: asked by a program of its own, since a call that
 * hangs would hold a thread that all file work of this process shares.
 */

import { tryCommand } from '../processes/command.ts';
import type { FileSystemRoom } from './node-signals.ts';

export interface FileSystem {
  /** Differs between file systems. */
  readonly id: string;
  readonly room: FileSystemRoom;
}

const answerMaxMs = 5000;
/** Id, block size, blocks, available blocks, inodes, free inodes. */
const format = '%i %S %b %a %c %d';

/** Undefined when the path is not there, or its file system does not answer in time. */
export async function readFileSystem(path: string): Promise<FileSystem | undefined> {
  const { code, stdout } = await tryCommand('stat', ['-f', '-c', format, '--', path], {
    timeoutMs: answerMaxMs,
  });
  if (code !== 0) return undefined;
  const [id = '', ...stats] = stdout.trim().split(' ');
  const [blockBytes = 0, blocks = 0, available = 0, inodes = 0, freeInodes = 0] = stats.map(Number);
  return {
    id,
    room: {
      bytes: { available: available * blockBytes, capacity: blocks * blockBytes },
      inodes: inodes === 0 ? undefined : { available: freeInodes, capacity: inodes },
    },
  };
}
