/**
 * `kybern down`: stops a cluster's process; its state stays, its pods keep running, and `up` adopts them
 * again.
 */

import { rmSync } from 'node:fs';
import { type ClusterState, clusterPaths, removeState } from '#host/home/cluster-home.ts';
import { readRunningState } from '#host/home/running-state.ts';
import { endProcess } from '#host/processes/processes.ts';
import { configOf, nameOption } from '../shared/cluster-option.ts';
import { defineCommand } from '../shared/command.ts';

/** Time for a cluster's process to end. */
const graceMs = 15_000;

export const down = defineCommand((program, context) => {
  program
    .command('down')
    .description('stop a cluster; state and running containers stay')
    .addOption(nameOption())
    .action(async ({ name }: { name: string }) => {
      const config = configOf(name);
      await endCluster(name);
      const pods = config.realNodes ? '; its containers run on until kybern delete' : '';
      context.print(`cluster ${name} is down, its state is kept${pods}`);
    });
});

/** Ends the background process, by SIGTERM first. */
export async function endCluster(name: string): Promise<void> {
  const paths = clusterPaths(name);
  const running = readRunningState(name, paths);
  if (running) await endSupervised(running);
  removeState(paths);
  rmSync(paths.restarts, { force: true });
}

/** The supervisor is signalled first, or it would restart the process. */
export async function endSupervised({
  process: main,
  supervisor,
}: Pick<ClusterState, 'process' | 'supervisor'>): Promise<void> {
  const ends = [endProcess(main, graceMs)];
  if (supervisor) ends.unshift(endProcess(supervisor, graceMs));
  await Promise.all(ends);
}
