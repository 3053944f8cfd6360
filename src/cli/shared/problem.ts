/** An error that the user can fix: one line with the problem, one with what to do. */

import { DamagedFile } from '#host/home/cluster-home.ts';

export class Problem extends Error {
  override name = 'Problem';
  readonly hint: string;
  /** Exit code of the process. */
  readonly exitCode: number;
  constructor(message: string, hint: string, exitCode = 1) {
    super(message);
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

/** Only the user can fix it: a supervisor does not retry. EX_CONFIG of sysexits.h. */
export const needsPersonCode = 78;

const usualHint = 'kybern doctor looks for the cause';

/** Hints by the system's error code. */
const hintsByCode: Readonly<Record<string, string>> = {
  EACCES: 'run it as the user whose file that is, or set KYBERN_HOME to a folder of your own',
  EPERM: 'run it as root, or set KYBERN_HOME to a folder of your own',
  EROFS: 'set KYBERN_HOME to a folder that can be written',
  ENOTDIR: 'set KYBERN_HOME to a folder',
  EEXIST: 'set KYBERN_HOME to a folder',
  ENOSPC: 'make room on the disk',
  EADDRINUSE: 'another program listens there; for the API server any free port will do: --port 0',
};

export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof DamagedFile) return new Problem(oneLine(error), damageHint(error));
  if (!(error instanceof Error)) return new Problem(String(error), usualHint);
  return new Problem(oneLine(error), hintOf(error) ?? usualHint);
}

/** The message of any library's error. */
function oneLine(error: Error): string {
  return error.message.replaceAll('\n', ' ');
}

function damageHint({ cluster }: DamagedFile): string {
  return `put the file right, or take all of the cluster away: kybern delete --name ${cluster}`;
}

/** For an error of the operating system, at the root of the cause chain; undefined for any other. */
export function hintOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  return (code !== undefined && hintsByCode[code]) || hintOf(error.cause);
}
