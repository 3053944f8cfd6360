/** Finds the processes of one cluster among those of the machine. */

import { readdirSync, readFileSync } from 'node:fs';
import { identityOf, type ProcessIdentity } from './processes.ts';

export interface FoundProcess {
  readonly identity: ProcessIdentity;
  readonly args: readonly string[];
  readonly children: number[];
}

/**
 * Processes whose program's name begins with `program` and that have exactly `argument` among their
 * arguments.
 */
export function processesWithArgument(program: string, argument: string): FoundProcess[] {
  const found: FoundProcess[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const args = argumentsOf(entry);
    const name = args[0]?.slice(args[0].lastIndexOf('/') + 1) ?? '';
    if (!name.startsWith(program) || !args.includes(argument)) continue;
    const identity = identityOf(Number(entry));
    if (identity) found.push({ identity, args, children: childrenOf(entry) });
  }
  return found;
}

export function argumentsOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}

function childrenOf(pid: string): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const lists = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'));
    return lists.join(' ').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
