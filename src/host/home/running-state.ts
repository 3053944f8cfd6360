/**
 * The state that a cluster's process records in a file; a damaged or missing file is rebuilt from the
 * process.
 */

import { existsSync, readFileSync } from 'node:fs';
import { rfc3339 } from '#base/clock.ts';
import { kybernVersion } from '#base/version.ts';
import { hasProc, isAlive } from '../processes/processes.ts';
import {
  type ClusterPaths,
  type ClusterState,
  DamagedFile,
  readConfig,
  readState,
  removeState,
  writeState,
} from './cluster-home.ts';
import { type ClusterProcess, clusterProcesses } from './cluster-processes.ts';

/** USER_HZ, which is 100 on every architecture. */
const ticksPerSecond = 100;

/**
 * The state of a process that is running, or that its supervisor will restart; undefined after a stop.
 * Throws `DamagedFile` where the machine does not show its processes.
 */
export function readRunningState(name: string, paths: ClusterPaths): ClusterState | undefined {
  const state = readOrRebuild(name, paths);
  return state && (isAlive(state.process) || isSupervised(state)) ? state : undefined;
}

/** The process has died, and will be restarted. */
export function isRestarting(state: ClusterState): boolean {
  return !isAlive(state.process) && isSupervised(state);
}

export function isSupervised({ supervisor }: ClusterState): boolean {
  return supervisor !== undefined && isAlive(supervisor);
}

function readOrRebuild(name: string, paths: ClusterPaths): ClusterState | undefined {
  try {
    return readState(paths) ?? rebuild(name, paths);
  } catch (error) {
    if (!(error instanceof DamagedFile) || !hasProc) throw error;
    removeState(paths);
    return rebuild(name, paths);
  }
}

/** Undefined when no process runs this cluster, as far as the machine shows its processes. */
function rebuild(name: string, paths: ClusterPaths): ClusterState | undefined {
  // A foreground `up` that calls this is not yet the cluster's process.
  const found = clusterProcesses(name).find(({ identity }) => identity.pid !== process.pid);
  if (!found) return undefined;
  const state = stateOf(found, paths);
  if (existsSync(paths.dir)) writeState(paths, state);
  return state;
}

/** The config has its port once it has been ready; only its API shows whether it is ready now. */
function stateOf({ identity, supervisor }: ClusterProcess, paths: ClusterPaths): ClusterState {
  const url = configuredUrl(paths);
  const startedAt = rfc3339(bootMs() + (Number(identity.startTicks) / ticksPerSecond) * 1000);
  return { process: identity, supervisor, version: kybernVersion, url, startedAt, ready: url !== '' };
}

/** Empty before the first start was ready, and if the config is damaged as well. */
function configuredUrl(paths: ClusterPaths): string {
  try {
    const config = readConfig(paths);
    return config?.port ? `https://${config.host}:${config.port}` : '';
  } catch (error) {
    if (error instanceof DamagedFile) return '';
    throw error;
  }
}

function bootMs(): number {
  const seconds = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1];
  return Number(seconds) * 1000;
}
