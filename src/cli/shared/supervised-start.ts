/** Starts a command of kybern in the background under `bin/supervise`, and shows its steps until it is ready. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startingState, writeState } from '#host/home/cluster-home.ts';
import { identityOf } from '#host/processes/processes.ts';
import type { CliContext } from './command.ts';
import { type Failure, type StepMessage, showSteps } from './steps.ts';

export interface SupervisedStart {
  readonly paths: { readonly dir: string; readonly log: string; readonly state: string };
  /** The words after `kybern`. */
  readonly words: readonly string[];
  readonly context: CliContext;
}

export type StartOutcome = { readonly interrupted: true } | { readonly failure: Failure } | undefined;

const interrupts = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Resolves with undefined when the process is ready, otherwise when it has ended. It is recorded as starting when this
 * returns its promise, before it creates anything: until then the caller holds the lock.
 */
export async function startSupervised(start: SupervisedStart): Promise<StartOutcome> {
  const child = spawnSupervised(start);
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
    child.kill('SIGTERM');
  };
  for (const signal of interrupts) process.on(signal, interrupt);
  const failure = await showSteps(messagesOf(child), (text) => start.context.warn(text));
  for (const signal of interrupts) process.off(signal, interrupt);
  if (failure || interrupted) await ended(child);
  if (interrupted) return { interrupted };
  if (failure) return { failure };
  child.disconnect();
  child.unref();
  return undefined;
}

function spawnSupervised({ paths, words, context }: SupervisedStart): ChildProcess {
  const log = openSync(paths.log, 'a', 0o600);
  const supervise = join(dirname(context.program), '..', 'bin', 'supervise');
  const command = [process.execPath, ...process.execArgv, context.program, ...words];
  const child = spawn('/bin/sh', [supervise, paths.dir, ...command], {
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
