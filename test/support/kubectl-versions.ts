/** The stock kubectls of a machine: `kubectl.1.27` and the like lie beside the program that `kubectl` links to. */

import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { programPath } from '#host/processes/program-path.ts';

/** Undefined where the machine has no kubectl of that version. */
export function kubectlOf(version: string): string | undefined {
  const path = programPath('kubectl');
  const program = path && join(dirname(realpathSync(path)), `kubectl.${version}`);
  return program && existsSync(program) ? program : undefined;
}

/** The newest of those that the tests are written for, else `kubectl` itself. */
export function kubectlProgram(): string {
  for (const version of ['1.33', '1.32', '1.31', '1.30']) {
    const program = kubectlOf(version);
    if (program) return program;
  }
  return 'kubectl';
}
