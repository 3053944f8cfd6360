/** Flags in, cluster out. */

import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import { commands } from '#cli/commands.ts';
import { Problem } from '#cli/problem.ts';

const program = new Command('kybern')
  .description('Kubernetes in one program')
  .showHelpAfterError('hint: kybern help shows what there is')
  .exitOverride();

const context = {
  program: fileURLToPath(import.meta.url),
  print: (text: string) => console.log(text),
  // Loaded only by the process that needs it: the other commands start in a tenth of the time.
  runCluster: async (name: string) => (await import('#cluster/daemon.ts')).runDaemon(name),
};
for (const command of commands) command.register(program, context);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = 1;
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else if (error instanceof Problem) console.error(`error: ${error.message}\nhint: ${error.hint}`);
  else {
    if (process.env['KYBERN_DEBUG']) console.error(error);
    console.error(
      `error: ${error instanceof Error ? error.message : String(error)}\nhint: kybern doctor looks for the cause`,
    );
  }
}
