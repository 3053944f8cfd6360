/** How much of a disk directories take. */

import { tryCommand } from './command.ts';

/** In bytes, by path; what is mounted below a directory is not its own. A directory that is not there is left out. */
export async function diskUse(paths: readonly string[]): Promise<Map<string, number>> {
  if (paths.length === 0) return new Map();
  // It also fails for a file that vanished while it looked: what it said of the rest is right.
  const { stdout } = await tryCommand('du', [
    '--summarize',
    '--one-file-system',
    '--block-size=1',
    '--null',
    '--',
    ...paths,
  ]);
  const lines = stdout.split('\0').filter(Boolean);
  return new Map(
    lines.map((line) => {
      const tab = line.indexOf('\t');
      return [line.slice(tab + 1), Number(line.slice(0, tab))];
    }),
  );
}
