/** The process that runs a cluster behind `kybern up`: started apart from this one, supervised, watched until it is ready. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, copyFileSync, existsSync, openSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ClusterPaths, kybernHome, startingState, writeState } from '#host/home/cluster-home.ts';
import { identityOf } from '#host/processes/processes.ts';
import type { CliContext } from '../shared/command.ts';
import { Problem } from '../shared/problem.ts';
import { type StepMessage, showSteps } from '../shared/steps.ts';
import type { UpFlags } from './up-settings.ts';

/** The user changed their mind: nothing went wrong. */
class Interrupted extends Problem {}

const interrupts = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Start {
  readonly flags: Pick<UpFlags, 'name' | 'acceptLoss'>;
  readonly paths: ClusterPaths;
  readonly context: CliContext;
  /** On failure all of a new cluster goes, and its log is kept elsewhere. */
  readonly isNew: boolean;
}

/**
 * Resolves when the cluster is ready; throws when it is not, and then the process is gone. That it is starting is noted
 * when this returns its promise: so long the caller holds the cluster's lock.
 */
export async function startInBackground(start: Start): Promise<void> {
  const { paths } = start;
  const { name } = start.flags;
  for (const old of [failedLog(name), paths.restarts]) rmSync(old, { force: true });
  const child = spawnCluster(start);
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
    child.kill('SIGTERM');
  };
  for (const signal of interrupts) process.on(signal, interrupt);
  const failure = await showSteps(messagesOf(child), (text) => start.context.warn(text));
  for (const signal of interrupts) process.off(signal, interrupt);
  if (failure || interrupted) await ended(child);
  if (interrupted) {
    throw new Interrupted(
      `cluster ${name} was interrupted while it was starting`,
      `start it again: kybern up --name ${name}`,
    );
  }
  if (failure) {
    const log = start.isNew ? keepLog(name, paths.log) : paths.log;
    throw new Problem(failure.message, failure.hint ?? `the log says more: ${log}`);
  }
  child.disconnect();
  child.unref();
}

/** Noted as starting before it can have made anything, so that `delete` and `down` find it at every moment. */
function spawnCluster({ flags, paths, context }: Start): ChildProcess {
  const log = openSync(paths.log, 'a', 0o600);
  const supervise = join(dirname(context.program), '..', 'bin', 'supervise');
  const command = [
    process.execPath,
    ...process.execArgv,
    context.program,
    'up',
    '--foreground',
    '--prepared',
  ];
  const accepted = flags.acceptLoss ? ['--accept-loss'] : [];
  const child = spawn('/bin/sh', [supervise, paths.dir, ...command, '--name', flags.name, ...accepted], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const identity = child.pid && identityOf(child.pid);
  if (identity) writeState(paths, startingState(identity, identity));
  return child;
}

function messagesOf(child: ChildProcess): ReadableStream<StepMessage> {
  return new ReadableStream({
    start(controller) {
      child.on('message', (message) => controller.enqueue(message as StepMessage));
      // Comes after the last message, which the process's exit need not.
      child.once('disconnect', () => controller.close());
    },
    // The reader has what it wanted: later messages are for nobody.
    cancel: () => void child.removeAllListeners('message').removeAllListeners('disconnect'),
  });
}

/** Returns when the process is gone; it is told to end when it does not by itself. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

/** All that a failed first start leaves: it says why. Returns where. */
function keepLog(name: string, log: string): string {
  const kept = failedLog(name);
  if (existsSync(log)) copyFileSync(log, kept);
  return kept;
}

function failedLog(name: string): string {
  return join(kybernHome(), `${name}-failed.log`);
}
