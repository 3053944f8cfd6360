/**
 * `kybern logs`: the output of a cluster's process, oldest first; when followed, it ends when the cluster is
 * deleted.
 */

import { createReadStream, existsSync, statSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { logFiles, olderLog } from '#host/files/log-limit.ts';
import { clusterPaths } from '#host/home/cluster-home.ts';
import { systemClock } from '#host/system-env.ts';
import { configOf, nameOption } from '../shared/cluster-option.ts';
import { defineCommand } from '../shared/command.ts';
import { Problem } from '../shared/problem.ts';

const pollMs = 200;

export const logs = defineCommand((program, { output }) => {
  program
    .command('logs')
    .description("the log of a cluster's process")
    .addOption(nameOption())
    .option('-f, --follow', 'go on as it grows')
    .action(async ({ name, follow }: { name: string; follow?: boolean }) => {
      configOf(name);
      const { log } = clusterPaths(name);
      if (!existsSync(log)) {
        throw new Problem(
          `cluster ${name} has no log`,
          'one that runs in the foreground writes where it was started',
        );
      }
      let aside = asideOf(log);
      let sent = 0;
      for (const file of logFiles(log)) sent = await send(file, 0, output);
      while (follow && existsSync(log)) {
        await new Promise<void>((resolve) => systemClock.after(pollMs, resolve, { holdsProcess: true }));
        [sent, aside] = await sendNew(log, sent, aside, output);
      }
    });
});

/** Prints what was appended after `sent` bytes; `aside` identifies the rotated file, to detect a rotation. */
async function sendNew(
  log: string,
  sent: number,
  aside: number,
  output: Writable,
): Promise<[number, number]> {
  const nowAside = asideOf(log);
  if (nowAside !== aside) {
    await send(olderLog(log), sent, output);
    return [await send(log, 0, output), nowAside];
  }
  const size = statSync(log, { throwIfNoEntry: false })?.size ?? sent;
  // Another process may have truncated it.
  return [size === sent ? sent : await send(log, size < sent ? 0 : sent, output), aside];
}

/** Inode of the last rotated file; 0 if there is none. */
function asideOf(log: string): number {
  return statSync(olderLog(log), { throwIfNoEntry: false })?.ino ?? 0;
}

/** Returns the file's size in bytes; 0 for a deleted file. */
function send(path: string, from: number, output: Writable): Promise<number> {
  return new Promise((resolve, reject) => {
    const stream = createReadStream(path, { start: from });
    stream.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? resolve(from) : reject(error),
    );
    stream.on('end', () => resolve(from + stream.bytesRead));
    stream.pipe(output, { end: false });
  });
}
