/**
 * `kybern up`: makes the cluster when there is none, starts it when it is down, and returns when it is ready.
 *
 *   1. decide (or read again) the cluster's config and write it down
 *   2. start the background process; it reports each step over its IPC channel
 *   3. merge the kubeconfig
 *   On failure: stop what was started, take away what this call made, say what to do.
 */

import { existsSync, readFileSync } from 'node:fs';
import { Option } from 'commander';
import { takeRoutes } from '#host/bridge.ts';
import {
  type ClusterConfig,
  type ClusterPaths,
  type ClusterState,
  clusterPaths,
  readConfig,
  readRunningState,
  upLock,
  writeConfig,
} from '#host/cluster-home.ts';
import { withMachineLock } from '#host/machine-lock.ts';
import { startInBackground } from './background.ts';
import { nameOption } from './cluster-option.ts';
import { type CliContext, defineCommand } from './command.ts';
import { deleteCluster } from './delete.ts';
import { mergeKubeconfig } from './kubeconfig-file.ts';
import { Problem } from './problem.ts';
import { decide, refuseChanges, type UpFlags } from './up-settings.ts';

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
    .addOption(new Option('--nodes <count>', 'real nodes on this machine (default 1)').choices(['0', '1']))
    .addOption(
      new Option('--simulated <count>', 'simulated nodes (default 0)').argParser((text) =>
        wholeNumber('--simulated', text, simulatedNodesMax),
      ),
    )
    .option('--foreground', 'stay in the foreground, as a service manager wants it')
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
  const running = readRunningState(paths);
  const before = readConfig(paths);
  if (before) refuseChanges(flags, before, running !== undefined);
  if (running?.ready) return context.print(`cluster ${name} is running at ${running.url}`);
  mustNotBeStarting(name, running);
  try {
    await settle(flags, before, paths);
    if (flags.foreground) return await context.runCluster(name);
    await startInBackground({ name, paths, program: context.program, isNew: !before });
  } catch (error) {
    if (!before && existsSync(paths.dir)) await deleteCluster(name);
    throw error;
  }
  const merged = await mergeKubeconfig(name, readFileSync(paths.kubeconfig, 'utf8'));
  const url = readRunningState(paths)?.url ?? '';
  context.print(
    `cluster ${name} is ready at ${url}\nkubectl uses it now: context kybern-${name} in ${merged}`,
  );
}

/** The background process finds itself noted by the `up` that started it. */
function mustNotBeStarting(name: string, running: ClusterState | undefined): void {
  if (!running || running.process.pid === process.pid) return;
  throw new Problem(
    `cluster ${name} is being started by process ${running.process.pid}`,
    `wait for it, or run: kybern down --name ${name}`,
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
