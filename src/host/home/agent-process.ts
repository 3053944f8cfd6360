/**
 * The process of a node besides the first: started in the node's network namespace under `bin/supervise`, found again by
 * its identity after the cluster's process has died, never started twice.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writeWholeFile } from '../files/whole-file.ts';
import { enterNamespace } from '../network/links/network-namespace.ts';
import { withUsualPriority } from '../processes/priority.ts';
import { endProcess, findDetached, identityOf } from '../processes/processes.ts';
import { type AgentConfig, type AgentPaths, writeAgentConfig } from './agent-home.ts';
import { readState, removeState } from './cluster-home.ts';

export interface AgentStart {
  readonly paths: AgentPaths & { readonly namespace: string };
  readonly config: AgentConfig;
  /** Path of kybern's main file. */
  readonly program: string;
  /** Where the node finds the API server: `https://10.244.0.1:6443`. */
  readonly server: string;
  /** A kubeconfig with a bootstrap token, for a node that has no certificate yet. */
  readonly bootstrap: () => Promise<string>;
}

const graceMs = 15_000;
const pollMs = 50;
const startLimitMs = 60_000;
/** A node's process holds the objects of its own pods: V8 keeps its heap small rather than fast. */
const heapFlags = ['--max-semi-space-size=1', '--optimize-for-size'];

/**
 * Resolves when the node's process is ready: an older one that still runs, or a new one. Throws why it is not; a new one
 * has ended then.
 */
export async function startAgent(start: AgentStart): Promise<void> {
  const { paths } = start;
  if (isAgentRunning(paths)) return untilReady(paths);
  mkdirSync(paths.dir, { recursive: true, mode: 0o700 });
  writeAgentConfig(paths.dir, start.config);
  await prepareAccess(start);
  rmSync(paths.restarts, { force: true });
  const child = spawnAgent(start);
  try {
    await readyMessage(child, paths);
  } catch (error) {
    await endAgent(paths);
    throw error;
  }
  child.disconnect();
  child.unref();
}

/** The port of the API server may have changed while the node was down. */
async function prepareAccess({ paths, server, bootstrap }: AgentStart): Promise<void> {
  const { kubeconfig, bootstrapKubeconfig } = paths;
  if (existsSync(kubeconfig)) {
    const before = readFileSync(kubeconfig, 'utf8');
    const now = before.replace(/^(\s*server:).*$/m, `$1 ${server}`);
    if (now !== before) writeWholeFile(kubeconfig, now);
  } else {
    writeWholeFile(bootstrapKubeconfig, await bootstrap());
  }
}

function spawnAgent({ paths, program }: AgentStart): ChildProcess {
  const log = openSync(paths.log, 'a', 0o600);
  const supervise = join(dirname(program), '..', 'bin', 'supervise');
  const flags = process.execArgv.filter((flag) => !flag.includes('semi-space'));
  const agent = [process.execPath, ...flags, ...heapFlags, program, 'agent', paths.dir];
  const [enter, ...args] = [...enterNamespace(paths.namespace), '/bin/sh', supervise, paths.dir, ...agent];
  const stdio = ['ignore', log, log, 'ipc'] as const;
  const child = withUsualPriority(() => spawn(enter ?? '', args, { detached: true, stdio: [...stdio] }));
  closeSync(log);
  const identity = child.pid === undefined ? undefined : identityOf(child.pid);
  if (identity) writeFileSync(supervisorFile(paths), JSON.stringify(identity), { mode: 0o600 });
  return child;
}

type Message = { readonly type: string; readonly message?: string };

/** Rejects with the reason of a failed start. */
async function readyMessage(child: ChildProcess, { log }: AgentPaths): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const ended = `the node's process ended while it was starting; its log: ${log}`;
  child.on('message', ({ type, message }: Message) => {
    if (type === 'ready') resolve();
    if (type === 'failed') reject(new Error(message ?? ended));
  });
  child.once('disconnect', () => reject(new Error(ended)));
  child.once('error', reject);
  const limit = setTimeout(() => reject(new Error(lateText(log))), startLimitMs);
  try {
    await promise;
  } finally {
    clearTimeout(limit);
    child.removeAllListeners();
  }
}

function lateText(log: string): string {
  return `the node's process is not ready after ${startLimitMs / 1000} s; its log: ${log}`;
}

export function isAgentRunning(paths: AgentPaths): boolean {
  return findDetached(supervisorFile(paths)) !== undefined;
}

/** The process waits for an API that is away, for longer than this does: it is left running then. */
async function untilReady(paths: AgentPaths): Promise<void> {
  const until = performance.now() + startLimitMs;
  while (!readState(paths)?.ready && performance.now() < until) {
    if (!isAgentRunning(paths)) throw new Error(`the node's process has ended; its log: ${paths.log}`);
    await delay(pollMs);
  }
  if (!readState(paths)?.ready) throw new Error(lateText(paths.log));
}

/** Its containers run on. Does nothing when it does not run. */
export async function endAgent(paths: AgentPaths): Promise<void> {
  const supervisor = findDetached(supervisorFile(paths));
  const main = readableState(paths)?.process;
  const ends = [supervisor && endProcess(supervisor, graceMs), main && endProcess(main, graceMs)];
  await Promise.all(ends);
  rmSync(supervisorFile(paths), { force: true });
  removeState(paths);
}

/** A damaged state does not keep a node from being ended: its supervisor is known. */
function readableState(paths: AgentPaths) {
  try {
    return readState(paths);
  } catch {
    return undefined;
  }
}

function supervisorFile({ dir }: AgentPaths): string {
  return join(dir, 'supervisor.pid');
}
