/** The one shape of every command of kybern: a name, flags, and what it does. Listed in `cli/kybern/commands.ts`. */

import type { Command } from 'commander';

export interface CliContext {
  /** Path of the program file to start again for a background process. */
  readonly program: string;
  /** Runs a whole cluster in this process until it is told to stop; brought by `main.ts`. */
  runCluster(name: string, options: { readonly acceptLoss: boolean }): Promise<void>;
  print(text: string): void;
  /** Beside what is printed: nothing failed, and yet it should be known. */
  warn(text: string): void;
}

export interface CliCommand {
  /** Adds itself to the program. */
  register(program: Command, context: CliContext): void;
}

export function defineCommand(register: CliCommand['register']): CliCommand {
  return { register };
}
