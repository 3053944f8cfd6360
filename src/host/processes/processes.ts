/** Detached processes that outlive this one, found again by number and start time. */

import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { withUsualPriority } from './priority.ts';
import { statOf, statOfLater } from './stat.ts';

/** A process number alone may have been reused. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot, as in /proc; without /proc the start as a date. */
  readonly startTicks: string;
}

const pollMs = 20;
export const hasProc = existsSync('/proc/self/stat');

/** Undefined when no such process runs. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  return hasProc ? identityByProc(pid) : identityByPs(pid);
}

function identityByProc(pid: number): ProcessIdentity | undefined {
  return identityIn(pid, statOf(pid));
}

function identityIn(pid: number, fields: string[] | undefined): ProcessIdentity | undefined {
  if (!fields || fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return { pid, startTicks: fields[19]! };
}

/** Parent of a running process, where there is /proc. */
export function parentOf(pid: number): number | undefined {
  const parent = statOf(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/**
 * For POSIX systems other than Linux: with a resolution of a second, sufficient since they reuse numbers more
 * slowly.
 */
export function identityByPs(pid: number): ProcessIdentity | undefined {
  try {
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { env, encoding: 'utf8' });
    const [state = '', ...start] = line.trim().split(/\s+/);
    return state.startsWith('Z') ? undefined : { pid, startTicks: start.join(' ') };
  } catch {
    // `ps` fails when the process does not exist.
    return undefined;
  }
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identityOf(identity.pid)?.startTicks === identity.startTicks;
}

/** `isAlive`, without holding this thread, where there is /proc. */
export async function isStillAlive({ pid, startTicks }: ProcessIdentity): Promise<boolean> {
  return identityIn(pid, await statOfLater(pid))?.startTicks === startTicks;
}

/** Starts a program in its own session, with the usual priority and its output in a file, and records its identity in `pidFile`. */
export async function spawnDetached(options: {
  command: string;
  args: string[];
  logFile: string;
  pidFile: string;
  env?: Record<string, string>;
  /** Called when the program ends while this process runs. */
  onExit?(): void;
}): Promise<ProcessIdentity> {
  const log = openSync(options.logFile, 'a', 0o600);
  try {
    const child = withUsualPriority(() =>
      spawn(options.command, options.args, {
        detached: true,
        stdio: ['ignore', log, log],
        env: { ...process.env, ...options.env },
      }),
    );
    await new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    if (options.onExit) child.once('exit', options.onExit);
    child.unref();
    const identity = identityOf(child.pid!);
    if (!identity) throw new Error(`${options.command} ended at once; see ${options.logFile}`);
    writeFileSync(options.pidFile, JSON.stringify(identity), { mode: 0o600 });
    return identity;
  } finally {
    closeSync(log);
  }
}

/** The process recorded in `pidFile`, if it still runs. */
export function findDetached(pidFile: string): ProcessIdentity | undefined {
  try {
    const identity = JSON.parse(readFileSync(pidFile, 'utf8')) as ProcessIdentity;
    return isAlive(identity) ? identity : undefined;
  } catch {
    return undefined;
  }
}

/** Sends SIGTERM, after `graceMs` SIGKILL, and returns when the process has ended. */
export async function endProcess(identity: ProcessIdentity, graceMs: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!isAlive(identity)) return;
    try {
      process.kill(identity.pid, signal);
    } catch {
      return;
    }
    const until = performance.now() + (signal === 'SIGTERM' ? graceMs : 5000);
    while (isAlive(identity) && performance.now() < until) await delay(pollMs);
  }
}

export async function endDetached(pidFile: string, graceMs: number): Promise<void> {
  const identity = findDetached(pidFile);
  if (identity) await endProcess(identity, graceMs);
  rmSync(pidFile, { force: true });
}
