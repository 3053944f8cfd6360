/** The small process that starts programs for a cluster's process (`launcher.ts`); it ends with that one. */

import type { LaunchOrder, LaunchReport } from './launcher.ts';
import { runProgram } from './run-program.ts';

process.on('message', async ({ id, program, args, options }: LaunchOrder) => {
  report(
    await runProgram(program, args, options).then(
      (result) => ({ id, result }),
      (error: NodeJS.ErrnoException) => ({ id, error: { message: error.message, code: error.code } }),
    ),
  );
});
process.on('disconnect', () => process.exit());

function report(result: LaunchReport): void {
  if (process.connected) process.send!(result);
}
