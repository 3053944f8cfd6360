/** A cluster that runs, as the commands for its nodes need it. */

import { readFileSync } from 'node:fs';
import type { Client } from '#client/client.ts';
import { type ClusterConfig, type ClusterPaths, clusterPaths } from '#host/home/cluster-home.ts';
import { isRestarting, readRunningState } from '#host/home/running-state.ts';
import { holdProcess } from '#host/processes/hold-process.ts';
import { adminTransport } from '../../shared/admin-transport.ts';
import { configOf } from '../../shared/cluster-option.ts';
import { Problem } from '../../shared/problem.ts';

export interface RunningCluster {
  readonly config: ClusterConfig;
  readonly paths: ClusterPaths;
  readonly admin: Client;
  /** PEM of the API server's authorities. */
  readonly caPem: string;
  /** Of the cluster's process. */
  readonly pid: number;
}

/** Throws a `Problem` when the cluster does not run. */
export async function withRunningCluster<T>(
  name: string,
  work: (cluster: RunningCluster) => Promise<T>,
): Promise<T> {
  const paths = clusterPaths(name);
  const config = configOf(name);
  const running = readRunningState(name, paths);
  if (!running?.ready || isRestarting(running)) {
    throw new Problem(`cluster ${name} is not running`, `start it: kybern up --name ${name}`);
  }
  const { client: admin, caPem, close } = adminTransport(readFileSync(paths.kubeconfig, 'utf8'));
  // Nothing else does while the command waits for the node.
  const release = holdProcess();
  try {
    return await work({ config, paths, admin, caPem, pid: running.process.pid });
  } finally {
    release();
    await close();
  }
}
