/** Clients that a machine may or may not have: each stock kubectl, and Helm. */

import { execFileSync } from 'node:child_process';
import { programPath } from '#host/processes/program-path.ts';
import { kubectlOf, kubectlProgram } from './kubectl-versions.ts';

/** Every stock kubectl from 1.27 on, and the one that the variable KUBECTL names; at least one. */
export function kubectlPrograms(): readonly string[] {
  const found = ['1.27', '1.28', '1.29', '1.30', '1.31', '1.32', '1.33']
    .map(kubectlOf)
    .filter((path) => path !== undefined);
  const named = process.env['KUBECTL'];
  if (named) found.push(named);
  return found.length > 0 ? found : [kubectlProgram()];
}

export interface Helm {
  readonly program: string;
  readonly major: number;
}

/** The Helms that the variables HELM and HELM3 name, else `helm` and `helm3` on the PATH. */
export function helmPrograms(): readonly Helm[] {
  const wanted = [process.env['HELM'] ?? programPath('helm'), process.env['HELM3'] ?? programPath('helm3')];
  return wanted
    .filter((program) => program !== undefined)
    .map((program) => ({ program, major: majorVersionOf(program) }));
}

function majorVersionOf(helm: string): number {
  const version = execFileSync(helm, ['version', '--template', '{{.Version}}'], { encoding: 'utf8' });
  return Number(/^v(\d+)\./.exec(version)?.[1]);
}
