/**
 * `kybern down`: stops a cluster's process; its state stays, its pods keep running, and `up` adopts them
 * again.
 */

import { rmSync } from 'node:fs';
import { readClusterConfiguration } from '#api/configuration/cluster-configuration.ts';
import { endHaproxy } from '#host/haproxy/haproxy.ts';
import { endAgent } from '#host/home/agent-process.ts';
import {
  type ClusterConfig,
  type ClusterPaths,
  type ClusterState,
  clusterPaths,
  DamagedFile,
  readConfig,
  removeState,
} from '#host/home/cluster-home.ts';
import { nodePathsOf } from '#host/home/namespace-nodes.ts';
import { haproxyPlaces } from '#host/home/node-home.ts';
import type { NamespaceNode } from '#host/home/node-record.ts';
import { readRunningState } from '#host/home/running-state.ts';
import { endProcess } from '#host/processes/processes.ts';
import { configOf, nameOption } from '../shared/cluster-option.ts';
import { defineCommand } from '../shared/command.ts';

/** Time for a cluster's process to end. */
const graceMs = 15_000;
/** As much again for requests under way. */
const drainMs = 15_000;

export const down = defineCommand((program, context) => {
  program
    .command('down')
    .description('stop a cluster; state and running containers stay')
    .addOption(nameOption())
    .action(async ({ name }: { name: string }) => {
      const config = configOf(name);
      await endCluster(name, graceMs + drainMs + configuredDelayMs(config));
      const pods = config.realNodes ? '; its containers run on until kybern delete' : '';
      context.print(`cluster ${name} is down, its state is kept${pods}`);
    });
});

/** What the user gives clients to notice that the server stops. */
function configuredDelayMs({ configuration }: ClusterConfig): number {
  const given = configuration === undefined ? {} : readClusterConfiguration(configuration).arguments;
  const { 'shutdown-delay-duration': delayMs = 0, 'shutdown-watch-termination-grace-period': watchesMs = 0 } =
    given;
  return delayMs + watchesMs;
}

/** Ends the background process, by SIGTERM first. */
export async function endCluster(name: string, waitMaxMs = graceMs): Promise<void> {
  const paths = clusterPaths(name);
  const running = readRunningState(name, paths);
  if (running) await endSupervised(running, waitMaxMs);
  // One that was killed has left its proxy running.
  await endHaproxy(haproxyPlaces(paths));
  // Those of a process that was killed run on.
  await Promise.all(nodesOf(paths).map((node) => endAgent(nodePathsOf(paths, node))));
  removeState(paths);
  rmSync(paths.restarts, { force: true });
}

/** None with a config that cannot be read: `delete` finds them by what they left. */
function nodesOf(paths: ClusterPaths): readonly NamespaceNode[] {
  try {
    return readConfig(paths)?.nodes ?? [];
  } catch (error) {
    if (error instanceof DamagedFile) return [];
    throw error;
  }
}

/** The supervisor is signalled first, or it would restart the process. */
export async function endSupervised(
  { process: main, supervisor }: Pick<ClusterState, 'process' | 'supervisor'>,
  waitMaxMs = graceMs,
): Promise<void> {
  const ends = [endProcess(main, waitMaxMs)];
  if (supervisor) ends.unshift(endProcess(supervisor, waitMaxMs));
  await Promise.all(ends);
}
