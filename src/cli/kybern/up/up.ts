/**
 * `kybern up`: creates the cluster if it does not exist, starts it if it is down, and returns when it is
 * ready.
 *
 *   1. with the cluster's lock held: decide (or read) its config and write it, start the background process
 *   2. the process reports each step over its IPC channel
 *   3. merge the kubeconfig
 *   On failure: stop what was started, remove what this command created, say what to do.
 */

import { existsSync, readFileSync } from 'node:fs';
import { Option } from 'commander';
import {
  type ClusterConfig,
  type ClusterPaths,
  type ClusterState,
  clusterPaths,
  readConfig,
  removeState,
  startingState,
  upLock,
  writeConfig,
  writeState,
} from '#host/home/cluster-home.ts';
import { withMachineLock } from '#host/home/machine-lock.ts';
import { ensureClusterLink, nodePathsOf, nodesMax, routesOf } from '#host/home/namespace-nodes.ts';
import { cniConfDir } from '#host/home/node-home.ts';
import { isRestarting, readRunningState } from '#host/home/running-state.ts';
import { takeRoutes, uplinkMtu } from '#host/network/bridge.ts';
import { identityOf } from '#host/processes/processes.ts';
import { withClusterLock } from '../../shared/cluster-lock.ts';
import { nameOption } from '../../shared/cluster-option.ts';
import { type CliContext, defineCommand } from '../../shared/command.ts';
import { mergeKubeconfig } from '../../shared/kubeconfig-file.ts';
import { Problem, problemOf } from '../../shared/problem.ts';
import { deleteCluster } from '../delete.ts';
import { endSupervised } from '../down.ts';
import { startInBackground } from './background.ts';
import { readConfigurationFile } from './configuration-file.ts';
import { encryptedResources } from './encrypted-resources.ts';
import { decide, refuseChanges, type UpFlags } from './settings.ts';

const portMax = 65_535;
const simulatedNodesMax = 5000;

export const up = defineCommand((program, context) => {
  program
    .command('up')
    .description('start a cluster, making it first when there is none')
    .addOption(nameOption())
    .addOption(
      new Option(
        '--port <port>',
        'port of the API server; 0 takes a free one (default 6443 when free)',
      ).argParser((text) => wholeNumber('--port', text, portMax)),
    )
    .addOption(
      new Option('--store <store>', 'where the state is kept (default sqlite)').choices(['sqlite', 'memory']),
    )
    .addOption(
      new Option('--nodes <count>', 'real nodes on this machine (default 1)').argParser((text) =>
        wholeNumber('--nodes', text, nodesMax),
      ),
    )
    .addOption(
      new Option(
        '--network <network>',
        'the network of pods (default kybern); none: you install one',
      ).choices(['kybern', 'none']),
    )
    .addOption(
      new Option('--simulated <count>', 'simulated nodes (default 0)').argParser((text) =>
        wholeNumber('--simulated', text, simulatedNodesMax),
      ),
    )
    .option(
      '--address <ip>',
      'an address of this machine at which other machines join (kept with the cluster)',
    )
    .addOption(
      new Option(
        '--encrypt <resources>',
        'resources that are encrypted on the disk: secrets,configmaps,widgets.example.com (default secrets)',
      ).argParser(encryptedResources),
    )
    .option(
      '--load-balancers <range>',
      'addresses of Services of type LoadBalancer, or none (default: a free /24 of this machine)',
    )
    .option('--storage-path <directory>', "where volumes of claims lie (default: with the cluster's files)")
    .option('--gateway', 'install the kinds of the Gateway API and serve Gateways (kept with the cluster)')
    .option('--config <file>', 'settings of the cluster, kept with it (docs/reference/configuration.md)')
    .option('--foreground', 'stay in the foreground, as a service manager wants it')
    .option('--accept-loss', 'start although the store has lost something, with what is left')
    .addOption(new Option('--prepared').hideHelp())
    .action(async (flags: UpFlags) => runUp(flags, context));
});

function wholeNumber(flag: string, text: string, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= max) return value;
  throw new Problem(`${flag} ${text} is not a whole number from 0 to ${max}`, `try: ${flag} 0`);
}

async function runUp(flags: UpFlags, context: CliContext): Promise<void> {
  const { name } = flags;
  const paths = clusterPaths(name);
  const begun = await withClusterLock(paths, () => begin(flags, paths, context));
  if (!begun) return context.print(`cluster ${name} is running at ${urlOf(name, paths)}`);
  try {
    if (flags.foreground) return await context.runCluster(name, { acceptLoss: flags.acceptLoss === true });
    await begun.ready;
  } catch (error) {
    if (begun.isNew) await takeBack(name, context);
    throw error;
  }
  context.print(`cluster ${name} is ready at ${urlOf(name, paths)}`);
  if (readConfig(paths)?.network === 'none') context.print(ownNetworkText(paths));
  await mergeForKubectl(name, paths, context);
}

/** The cluster is ready, even if there is a problem with the user's own kubeconfig. */
async function mergeForKubectl(name: string, paths: ClusterPaths, context: CliContext): Promise<void> {
  try {
    const merged = await mergeKubeconfig(name, readFileSync(paths.kubeconfig, 'utf8'));
    context.print(`kubectl uses it now: context kybern-${name} in ${merged}`);
  } catch (error) {
    context.warn(`${problemOf(error).message}; it was left as it is`);
    context.print(`kubectl reaches it by: kubectl --kubeconfig ${paths.kubeconfig}`);
  }
}

/** Exactly one network: there is none until the user's is there. */
function ownNetworkText(paths: ClusterPaths): string {
  const nodes = readConfig(paths)?.nodes ?? [];
  const dirs = [paths, ...nodes.map((node) => nodePathsOf(paths, node))].map(cniConfDir);
  return `its nodes are Ready when pods have a network: a CNI configuration in ${dirs.join(', ')}`;
}

function urlOf(name: string, paths: ClusterPaths): string {
  return readRunningState(name, paths)?.url ?? '';
}

interface Begun {
  readonly isNew: boolean;
  /** Readiness of a background process. */
  readonly ready?: Promise<void>;
}

/**
 * What it finds does not change until the cluster is recorded as starting: of several concurrent first calls
 * one creates it, and the others find it. Undefined when it is running already.
 */
async function begin(flags: UpFlags, paths: ClusterPaths, context: CliContext): Promise<Begun | undefined> {
  const { name } = flags;
  const noted = readRunningState(name, paths);
  if (flags.prepared) return mustBeNoted(name, paths, noted);
  // A command that asks for the state meanwhile takes this process for the cluster's, before it is.
  const running = flags.foreground && noted?.process.pid === process.pid ? undefined : noted;
  const before = readConfig(paths);
  const configuration = flags.config === undefined ? undefined : readConfigurationFile(flags.config);
  if (before) refuseChanges(flags, before, running !== undefined, configuration);
  if (running?.ready && !isRestarting(running)) return undefined;
  // The user need not wait for the supervisor's back-off.
  if (running && isBeingRestarted(running)) await endSupervised(running);
  else mustNotBeStarting(name, running);
  const isNew = !before;
  try {
    await settle(flags, before, paths, configuration);
    if (flags.foreground) noteStarting(paths);
    else return { isNew, ready: startInBackground({ flags, paths, context, isNew }) };
  } catch (error) {
    if (isNew && existsSync(paths.config)) await deleteCluster(name, context);
    throw error;
  }
  return { isNew };
}

function isBeingRestarted(running: ClusterState): boolean {
  return isRestarting(running) || (running.restarts ?? 0) > 0;
}

function noteStarting(paths: ClusterPaths, supervisor?: number): void {
  const self = identityOf(process.pid);
  if (self) writeState(paths, startingState(self, supervisor ? identityOf(supervisor) : undefined));
}

/** A failed first start leaves nothing, unless another command has started the cluster meanwhile. */
async function takeBack(name: string, context: CliContext): Promise<void> {
  const paths = clusterPaths(name);
  await withClusterLock(paths, async () => {
    const running = readRunningState(name, paths);
    if (running && running.process.pid !== process.pid) return;
    removeState(paths);
    await deleteCluster(name, context);
  });
}

function mustNotBeStarting(name: string, running: ClusterState | undefined): void {
  if (!running) return;
  throw new Problem(
    `cluster ${name} is being started by process ${running.process.pid}`,
    `wait for it, or run: kybern down --name ${name}`,
  );
}

/** An `up` killed before it recorded the process it had started needs `delete`: nothing may start before. */
function mustBeNoted(name: string, paths: ClusterPaths, running: ClusterState | undefined): Begun {
  const isOurs = running?.process.pid === process.pid || running?.supervisor?.pid === process.ppid;
  // The supervisor starts again a process that was noted, though the note may have been lost since.
  const isRestart = !running && process.env['KYBERN_RESTARTS'] !== undefined;
  if (isRestart) noteStarting(paths, process.ppid);
  if (isOurs || isRestart) return { isNew: false };
  throw new Problem(
    `cluster ${name} was left without a process while it started`,
    `kybern up --name ${name}`,
  );
}

/** Writes the config. Of two clusters created concurrently each sees the routes of the other. */
async function settle(
  flags: UpFlags,
  before: ClusterConfig | undefined,
  paths: ClusterPaths,
  configuration: unknown,
): Promise<void> {
  if (before?.bridge || flags.nodes === 0 || process.getuid?.() !== 0) {
    return writeConfig(paths, await decide(flags, before, configuration));
  }
  await withMachineLock(upLock, async () => {
    const config = await decide(flags, before, configuration);
    writeConfig(paths, config);
    await ensureClusterLink(config, await uplinkMtu());
    if (config.bridge) await takeRoutes(config.bridge, ...routesOf(config));
  });
}
