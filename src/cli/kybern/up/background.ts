/**
 * Starts the process that runs a cluster behind `kybern up`: detached, supervised, watched until it is ready.
 */

import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ClusterPaths, kybernHome } from '#host/home/cluster-home.ts';
import type { CliContext } from '../../shared/command.ts';
import { Problem } from '../../shared/problem.ts';
import { startSupervised } from '../../shared/supervised-start.ts';
import type { UpFlags } from './settings.ts';

/** The user interrupted the start: not an error. */
class Interrupted extends Problem {}

export interface Start {
  readonly flags: Pick<UpFlags, 'name' | 'acceptLoss'>;
  readonly paths: ClusterPaths;
  readonly context: CliContext;
  /** If the start of a new cluster fails, everything of it is deleted, and its log is kept elsewhere. */
  readonly isNew: boolean;
}

/**
 * Resolves when the cluster is ready; throws when it fails, and then the process has ended. The process is
 * recorded as starting when this returns its promise: until then the caller holds the cluster's lock.
 */
export async function startInBackground({ flags, paths, context, isNew }: Start): Promise<void> {
  const { name } = flags;
  for (const old of [failedLog(name), paths.restarts]) rmSync(old, { force: true });
  const accepted = flags.acceptLoss ? ['--accept-loss'] : [];
  const words = ['up', '--foreground', '--prepared', '--name', name, ...accepted];
  const outcome = await startSupervised({ paths, words, context });
  if (!outcome) return;
  if ('interrupted' in outcome) {
    throw new Interrupted(
      `cluster ${name} was interrupted while it was starting`,
      `start it again: kybern up --name ${name}`,
    );
  }
  const { message, hint } = outcome.failure;
  const log = isNew ? keepLog(name, paths.log) : paths.log;
  throw new Problem(message, hint ?? `the log says more: ${log}`);
}

/** Keeps the log of a failed first start, which contains the reason. Returns its path. */
function keepLog(name: string, log: string): string {
  const kept = failedLog(name);
  if (existsSync(log)) copyFileSync(log, kept);
  return kept;
}

function failedLog(name: string): string {
  return join(kybernHome(), `${name}-failed.log`);
}
