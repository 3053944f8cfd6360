/** The interface of every command of kybern: name, flags and action. Listed in `cli/kybern/commands.ts`. */

import type { Writable } from 'node:stream';
import type { Command } from 'commander';

export interface CliContext {
  /** Path of the program's main file, for starting a background process. */
  readonly program: string;
  /** Runs a whole cluster in this process until it is stopped; provided by `main.ts`. */
  runCluster(name: string, options: { readonly acceptLoss: boolean }): Promise<void>;
  /** Runs the node of a folder in this process until it is stopped; provided by `main.ts`. */
  runAgent(dir: string): Promise<void>;
  /** Standard output, for a command that copies whole files to it. */
  readonly output: Writable;
  print(text: string): void;
  /** Prints a warning beside the command's output: nothing failed. */
  warn(text: string): void;
}

export interface CliCommand {
  /** Adds itself to the program. */
  register(program: Command, context: CliContext): void;
}

export function defineCommand(register: CliCommand['register']): CliCommand {
  return { register };
}
