/** Runs a program to its end, without a shell. */

import { Launcher } from './launcher.ts';
import { type CommandOptions, type CommandResult, recentStartHeldMs, runProgram } from './run-program.ts';

export type { CommandOptions, CommandResult } from './run-program.ts';

/** With more programs than that at the same time, they are started by the launcher. */
const fewPrograms = 8;
/**
 * The launcher starts them also after a start that held the thread for longer than this: the unmounts of a hundred pods
 * that end come one after another, and each waits for a processor that the ending containers use.
 */
const shortHoldMs = 10;

/** Chooses who starts a program: this process, or the launcher. */
export class ProgramStarts {
  readonly #launcher = new Launcher();
  #running = 0;

  /** Rejects only when the program cannot be started. */
  async run(program: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    this.#running++;
    try {
      const isLaunched = !options.onStdout && this.#wantsLauncher();
      return await (isLaunched
        ? this.#launcher.run(program, args, options)
        : runProgram(program, args, options));
    } finally {
      this.#running--;
    }
  }

  #wantsLauncher(): boolean {
    return this.#launcher.isRunning || this.#running > fewPrograms || recentStartHeldMs() > shortHoldMs;
  }
}

const starts = new ProgramStarts();

/** Rejects only when the program cannot be started. */
export function tryCommand(
  program: string,
  args: readonly string[],
  options?: CommandOptions,
): Promise<CommandResult> {
  return starts.run(program, args, options);
}

/** Returns the output of a program that must succeed; throws with its error output otherwise. */
export async function command(
  program: string,
  args: readonly string[],
  options?: CommandOptions,
): Promise<string> {
  const result = await tryCommand(program, args, options);
  if (result.code === 0) return result.stdout;
  const reason = (result.stderr || result.stdout).trim();
  throw new Error(`${program} ${args.slice(0, 6).join(' ')} failed (${result.code}): ${reason}`);
}
