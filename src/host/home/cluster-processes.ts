/** Finds the processes of a cluster by their command lines, for when the recorded state cannot be read. */

import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { argumentsOf, processesWithArgument } from '../processes/process-list.ts';
import { identityOf, type ProcessIdentity, parentOf } from '../processes/processes.ts';
import { homeOf, kybernHome } from './cluster-home.ts';

export interface ClusterProcess {
  readonly identity: ProcessIdentity;
  readonly supervisor: ProcessIdentity | undefined;
}

/** Empty where the machine does not show command lines. */
export function clusterProcesses(name: string): ClusterProcess[] {
  if (!existsSync('/proc/self/cmdline')) return [];
  return processesWithArgument('node', '--foreground')
    .filter(({ args }) => args.includes('up') && clusterOf(args) === name)
    .filter(({ identity }) => homeOfProcess(identity.pid) === kybernHome())
    .map(({ identity }) => ({ identity, supervisor: supervisorOf(identity.pid) }));
}

/** The parent of a cluster's process, when that is `bin/supervise`. */
export function supervisorOf(pid: number): ProcessIdentity | undefined {
  const parent = parentOf(pid);
  const isSupervisor = parent && argumentsOf(String(parent)).some((arg) => arg.endsWith('/bin/supervise'));
  return isSupervisor ? identityOf(parent) : undefined;
}

/** `--name x`, `--name=x`, or the default. */
function clusterOf(args: readonly string[]): string | undefined {
  const at = args.findIndex((arg) => arg === '--name' || arg.startsWith('--name='));
  if (at < 0) return 'default';
  return args[at] === '--name' ? args[at + 1] : args[at]?.slice('--name='.length);
}

function homeOfProcess(pid: number): string | undefined {
  try {
    const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    const env = Object.fromEntries(variables.map((text) => text.split(/=(.*)/s) as [string, string]));
    return homeOf(env, readlinkSync(`/proc/${pid}/cwd`));
  } catch {
    // The process has ended, or belongs to another user.
    return undefined;
  }
}
