/** The program's entry: parses flags and runs a command or a cluster. */

import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import { commands } from '#cli/kybern/commands.ts';
import type { CliContext } from '#cli/shared/command.ts';
import { problemOf } from '#cli/shared/problem.ts';

const program = new Command('kybern')
  .description('Kubernetes in one program')
  .showHelpAfterError('hint: kybern help shows what there is')
  .exitOverride();

const context = {
  program: fileURLToPath(import.meta.url),
  output: process.stdout,
  print: (text: string) => console.log(text),
  warn: (text: string) => console.error(`warning: ${text}`),
  // Loaded only by the process that runs a cluster or a node: all other commands start in a tenth of the time.
  runCluster: async (...run: Parameters<CliContext['runCluster']>) =>
    (await import('#cluster/daemon.ts')).runDaemon(...run),
  runAgent: async (dir: string) => (await import('#cluster/agent/agent.ts')).runAgent(dir),
};
for (const command of commands) command.register(program, context);

// The reader of a pipe has closed it, as in `kybern logs | head`.
process.stdout.on('error', () => process.exit());

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode);
  if (process.env['KYBERN_DEBUG']) console.error(error);
  const { message, hint, exitCode } = problemOf(error);
  console.error(`error: ${message}\nhint: ${hint}`);
  process.exit(exitCode);
}
