/**
 * Starts the process that runs a cluster behind `kybern up`: detached, supervised, watched until it is ready.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, copyFileSync, existsSync, openSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ClusterPaths, kybernHome, startingState, writeState } from '#host/home/cluster-home.ts';
import { identityOf } from '#host/processes/processes.ts';
import type { CliContext } from '../../shared/command.ts';
import { Problem } from '../../shared/problem.ts';
import { type StepMessage, showSteps } from '../../shared/steps.ts';
import type { UpFlags } from './settings.ts';

/** The user interrupted the start: not an error. */
class Interrupted extends Problem {}

const interrupts = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

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

/** Recorded as starting before it creates anything, so that `delete` and `down` find it at any time. */
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
      // Comes after the last message, which the process's exit may not.
      child.once('disconnect', () => controller.close());
    },
    // The reader is done: later messages are ignored.
    cancel: () => void child.removeAllListeners('message').removeAllListeners('disconnect'),
  });
}

/** Returns when the process has ended; it is signalled if it does not end by itself. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
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
