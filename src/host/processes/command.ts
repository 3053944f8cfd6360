/** Runs a program to its end, without a shell. */

import { Launcher } from './launcher.ts';
import { type CommandOptions, type CommandResult, runProgram } from './run-program.ts';

export type { CommandOptions, CommandResult } from './run-program.ts';

/** With more programs than that at the same time, they are started by the launcher. */
const fewPrograms = 8;
const launcher = new Launcher();
let running = 0;

/** Rejects only when the program cannot be started. */
export async function tryCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  running++;
  try {
    const isLaunched = !options.onStdout && (launcher.isRunning || running > fewPrograms);
    return await (isLaunched ? launcher.run(program, args, options) : runProgram(program, args, options));
  } finally {
    running--;
  }
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
