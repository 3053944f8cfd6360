/** A failure a person can do something about: one line of what is wrong, one of what to do. */

export class Problem extends Error {
  override name = 'Problem';
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

const usualHint = 'kybern doctor looks for the cause';

/** What a person can do when the machine says no. */
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
  if (!(error instanceof Error)) return new Problem(String(error), usualHint);
  // One line, whatever a library wrote.
  return new Problem(error.message.replaceAll('\n', ' '), hintOf(error) ?? usualHint);
}

/** For what the machine refused, at the root of it; undefined for anything else. */
export function hintOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  return (code !== undefined && hintsByCode[code]) || hintOf(error.cause);
}
