/** Clients that a machine may or may not have: each stock kubectl, and Helm. */

import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { kubectlProgram } from './cluster.ts';

const folder = '/usr/lib/google-cloud-sdk/bin';

/** Every stock kubectl from 1.27 on, and the one that the variable KUBECTL names; at least one. */
export function kubectlPrograms(): readonly string[] {
  const found = ['1.27', '1.28', '1.29', '1.30', '1.31', '1.32', '1.33']
    .map((version) => join(folder, `kubectl.${version}`))
    .filter((path) => existsSync(path));
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
  const wanted = [process.env['HELM'] ?? onPath('helm'), process.env['HELM3'] ?? onPath('helm3')];
  return wanted
    .filter((program) => program !== undefined)
    .map((program) => ({ program, major: majorVersionOf(program) }));
}

function majorVersionOf(helm: string): number {
  const version = execFileSync(helm, ['version', '--template', '{{.Version}}'], { encoding: 'utf8' });
  return Number(/^v(\d+)\./.exec(version)?.[1]);
}

function onPath(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((path) => join(path, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
