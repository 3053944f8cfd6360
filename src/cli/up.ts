/**
 * `kybern up`: makes the cluster when there is none, starts it when it is down, and returns when it is ready.
 *
 *   1. decide (or read again) the cluster's config and write it down
 *   2. start the background process; it reports each step over its IPC channel
 *   3. merge the kubeconfig
 *   On failure: stop what was started, take away what this call made, say what to do.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Option } from 'commander';
import { chooseRanges, nodesInDefaultRange, type Ranges, simulatedRanges } from '#base/ranges.ts';
import { machineRoutes, takeRoutes } from '#host/bridge.ts';
import {
  type ClusterConfig,
  type ClusterPaths,
  clusterPaths,
  kybernHome,
  listClusters,
  readConfig,
  readRunningState,
  shortName,
  startingState,
  upLock,
  writeConfig,
  writeState,
} from '#host/cluster-home.ts';
import { withMachineLock } from '#host/machine-lock.ts';
import { portIsFree } from '#host/ports.ts';
import { identityOf } from '#host/processes.ts';
import { type CliContext, defineCommand } from './command.ts';
import { deleteCluster } from './delete.ts';
import { missingForRealNode } from './doctor.ts';
import { mergeKubeconfig } from './kubeconfig-file.ts';
import { Problem } from './problem.ts';
import { type StepMessage, showSteps } from './steps.ts';

/** The user changed their mind: nothing went wrong. */
class Interrupted extends Problem {}

const usualPort = 6443;
const interrupts = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

interface UpFlags {
  readonly name: string;
  readonly port?: string;
  readonly store?: string;
  readonly nodes?: string;
  readonly simulated?: string;
  readonly foreground?: boolean;
}

export const up = defineCommand((program, context) => {
  program
    .command('up')
    .description('start a cluster, making it first when there is none')
    .option('--name <name>', 'name of the cluster', 'default')
    .option('--port <port>', 'port of the API server; 0 takes a free one (default 6443 when free)')
    .addOption(new Option('--store <store>', 'where the state is kept: sqlite or memory (default sqlite)'))
    .addOption(new Option('--nodes <count>', 'real nodes on this machine (default 1)').choices(['0', '1']))
    .option('--simulated <count>', 'simulated nodes (default 0)')
    .option('--foreground', 'stay in the foreground, as a service manager wants it')
    .action(async (flags: UpFlags) => runUp(flags, context));
});

async function runUp(flags: UpFlags, context: CliContext): Promise<void> {
  const paths = clusterPaths(flags.name);
  const running = readRunningState(paths);
  if (running?.ready) {
    context.print(`cluster ${flags.name} is running at ${running.url}`);
    return;
  }
  // The background process finds itself noted by the `up` that started it.
  if (running && running.process.pid !== process.pid) {
    throw new Problem(
      `cluster ${flags.name} is being started by process ${running.process.pid}`,
      `wait for it, or run: kybern down --name ${flags.name}`,
    );
  }
  const before = readConfig(paths);
  await settle(flags, before, paths);
  if (flags.foreground) return context.runCluster(flags.name);
  try {
    await startInBackground(paths, context, flags.name);
  } catch (error) {
    if (!before && !(error instanceof Interrupted)) keepLog(flags.name, paths.log);
    if (!before) await deleteCluster(flags.name);
    throw error;
  }
  const url = readRunningState(paths)?.url ?? '';
  const merged = await mergeKubeconfig(flags.name, readFileSync(paths.kubeconfig, 'utf8'));
  context.print(
    `cluster ${flags.name} is ready at ${url}\nkubectl uses it now: context kybern-${flags.name} in ${merged}`,
  );
}

/** Writes the config down. Of two clusters made at once each sees the routes that the other has taken. */
async function settle(flags: UpFlags, before: ClusterConfig | undefined, paths: ClusterPaths): Promise<void> {
  if (before?.bridge || flags.nodes === '0' || process.getuid?.() !== 0) {
    return writeConfig(paths, await decide(flags, before));
  }
  await withMachineLock(upLock, async () => {
    const config = await decide(flags, before);
    writeConfig(paths, config);
    if (config.bridge) await takeRoutes(config.bridge, config);
  });
}

/** All that a failed first start leaves: it says why. */
function keepLog(name: string, log: string): void {
  if (existsSync(log)) copyFileSync(log, failedLog(name));
}

function failedLog(name: string): string {
  return join(kybernHome(), `${name}-failed.log`);
}

/** Flags win over what was decided before, which wins over the defaults; ranges never change. */
async function decide(flags: UpFlags, before: ClusterConfig | undefined): Promise<ClusterConfig> {
  const store = flags.store ?? before?.store ?? 'sqlite';
  if (store !== 'sqlite' && store !== 'memory') {
    throw new Problem(`store "${store}" is not known`, 'this version keeps state in: sqlite, memory');
  }
  const realNodes = flags.nodes === undefined ? (before?.realNodes ?? 1) : flags.nodes === '1' ? 1 : 0;
  const simulatedNodes = wholeNumber('--simulated', flags.simulated, 5000) ?? before?.simulatedNodes ?? 0;
  if (realNodes === 1) {
    const missing = missingForRealNode();
    if (missing) throw new Problem(missing.what, missing.hint);
  }
  if (realNodes === 1 && simulatedNodes > nodesInDefaultRange) {
    const hint = `kybern up --nodes 0 --simulated ${simulatedNodes}`;
    throw new Problem(
      `beside a real node at most ${nodesInDefaultRange} simulated ones have room for their pods`,
      hint,
    );
  }
  const ranges = await rangesFor(flags.name, before, realNodes, simulatedNodes);
  const short = shortName(flags.name);
  return {
    name: flags.name,
    store,
    host: before?.host ?? '127.0.0.1',
    port: wholeNumber('--port', flags.port, 65_535) ?? before?.port ?? (await defaultPort(flags.name)),
    realNodes,
    simulatedNodes,
    podRange: ranges.pods,
    serviceRange: ranges.services,
    ...(realNodes ? { bridge: `kyb${short}`, table: `kybern_${short}` } : {}),
  };
}

async function rangesFor(
  name: string,
  before: ClusterConfig | undefined,
  realNodes: number,
  simulated: number,
): Promise<Ranges> {
  if (realNodes === 0) return simulatedRanges(simulated);
  if (before?.bridge) return { pods: before.podRange, services: before.serviceRange };
  return chooseRanges([...(await machineRoutes()), ...rangesOfOthers(name)]);
}

function rangesOfOthers(name: string): string[] {
  return listClusters()
    .filter((other) => other !== name)
    .flatMap((other) => {
      const config = readConfig(clusterPaths(other));
      return config?.bridge ? [config.podRange, config.serviceRange] : [];
    });
}

/** Upstream's port, unless a cluster of this user (perhaps a stopped one) or somebody else has it. */
async function defaultPort(name: string): Promise<number> {
  const used = listClusters().some(
    (other) => other !== name && readConfig(clusterPaths(other))?.port === usualPort,
  );
  return !used && (await portIsFree('127.0.0.1', usualPort)) ? usualPort : 0;
}

function wholeNumber(flag: string, text: string | undefined, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new Problem(`${flag} ${text} is not a whole number from 0 to ${max}`, `try: ${flag} 0`);
  }
  return value;
}

async function startInBackground(paths: ClusterPaths, context: CliContext, name: string): Promise<void> {
  rmSync(failedLog(name), { force: true });
  const child = spawnCluster(paths, context, name);
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
    child.kill('SIGTERM');
  };
  for (const signal of interrupts) process.on(signal, interrupt);
  const failed = await showSteps(messagesOf(child));
  for (const signal of interrupts) process.off(signal, interrupt);
  if (failed || interrupted) {
    await ended(child);
    if (interrupted)
      throw new Interrupted(
        `cluster ${name} was interrupted while it was starting`,
        `start it again: kybern up --name ${name}`,
      );
    throw new Problem(failed?.message ?? '', failed?.hint ?? hintOf(name, paths));
  }
  child.disconnect();
  child.unref();
}

/** Noted as starting before it can have made anything, so that `delete` and `down` find it at every moment. */
function spawnCluster(paths: ClusterPaths, context: CliContext, name: string): ChildProcess {
  mkdirSync(paths.dir, { recursive: true, mode: 0o700 });
  const log = openSync(paths.log, 'a', 0o600);
  const child = spawn(
    process.execPath,
    [...process.execArgv, context.program, 'up', '--foreground', '--name', name],
    { detached: true, stdio: ['ignore', log, log, 'ipc'] },
  );
  closeSync(log);
  const identity = child.pid && identityOf(child.pid);
  if (identity) writeState(paths, startingState(identity));
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

function hintOf(name: string, paths: ClusterPaths): string {
  return existsSync(paths.kubeconfig)
    ? `the log says more: ${paths.log}`
    : `the log says more: ${failedLog(name)}`;
}
