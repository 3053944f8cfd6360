/**
 * What a run of tests deletes when it is interrupted: the programs it has started, then its clusters. A program that it
 * would start after that waits for ever: the process is about to end.
 */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

interface Disposable {
  dispose(): Promise<void>;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const programs = new Set<ChildProcess>();
const clusters = new Set<Disposable>();
let isListening = false;
let isOver = false;

export function noteProgram(child: ChildProcess): ChildProcess {
  programs.add(child);
  child.once('close', () => programs.delete(child));
  return child;
}

/** Until it has been disposed of. */
export function noteCluster<T extends Disposable>(cluster: T): T {
  cleanUpWhenInterrupted();
  const dispose = async () => {
    await cluster.dispose();
    clusters.delete(noted);
  };
  const noted = { ...cluster, dispose };
  clusters.add(noted);
  return noted;
}

/** Resolves at once, or never when the run has been interrupted. */
export function unlessInterrupted(): Promise<void> {
  return isOver ? new Promise(() => undefined) : Promise.resolve();
}

/** A test runner that is interrupted sends SIGTERM to the processes of its files, and does not wait for them. */
export function cleanUpWhenInterrupted(): void {
  if (isListening) return;
  isListening = true;
  for (const signal of signals) process.on(signal, () => void end(signal));
  // The runner reads no more.
  process.stderr.on('error', () => undefined);
}

async function end(signal: (typeof signals)[number]): Promise<void> {
  if (isOver) return;
  isOver = true;
  console.error(`${signal}: deleting what was started`);
  await Promise.all([...programs].map(ended));
  const ends = await Promise.allSettled([...clusters].map((cluster) => cluster.dispose()));
  for (const result of ends) if (result.status === 'rejected') console.error(result.reason);
  process.exit(128 + constants.signals[signal]);
}

/** An `up` that is interrupted removes what it has created. */
async function ended(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return;
  const exit = once(program, 'exit');
  program.kill('SIGTERM');
  await exit;
}
