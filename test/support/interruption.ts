/**
 * What a run of tests takes away when it is interrupted: the programs it has started, then its clusters.
 * Whatever it would start after that waits for ever: the process is about to end.
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
let isOver = false;

export function noteProgram(child: ChildProcess): ChildProcess {
  programs.add(child);
  child.once('close', () => programs.delete(child));
  return child;
}

/** Until it has been disposed of. */
export function noteCluster<T extends Disposable>(cluster: T): T {
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

/** For a program of its own; the test runner's files are ended with their runner. */
export function cleanUpWhenInterrupted(): void {
  for (const signal of signals) process.on(signal, () => void end(signal));
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
