/** The process behind `kybern up`: runs the cluster of its config until it is stopped. */

import { writeFileSync } from 'node:fs';
import { readClusterConfiguration } from '#api/configuration/cluster-configuration.ts';
import { rfc3339 } from '#base/clock.ts';
import { kybernVersion } from '#base/version.ts';
import { hintOf, needsPersonCode, Problem } from '#cli/shared/problem.ts';
import { isOwnOutput, keepLogLimited } from '#host/files/log-limit.ts';
import {
  type ClusterConfig,
  type ClusterPaths,
  clusterPaths,
  linkBridge,
  readConfig,
  removeState,
  writeConfig,
  writeState,
} from '#host/home/cluster-home.ts';
import { routesOf } from '#host/home/namespace-nodes.ts';
import { createLog } from '#host/log.ts';
import { releaseMemoryInQuiet } from '#host/memory/release.ts';
import { raiseMainThread, raiseOwnSession } from '#host/processes/priority.ts';
import { systemEnv } from '#host/system-env.ts';
import { PkiDamageError } from '#pki/damage.ts';
import { StoreLossError } from '#store/errors.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { finish, reportSteps, send } from './process/report.ts';
import { StepError, type StepListener } from './process/steps.ts';
import { stopRequested } from './process/stop-request.ts';
import { logUnseenRejections, reportStarted, restarts, self } from './process/supervised.ts';
import { filePkiStore } from './state/file-pki-store.ts';
import { keptIdentity } from './state/identity.ts';

/**
 * Ends the process when the cluster has been stopped by SIGTERM or SIGINT. A failed start is reported to the
 * waiting `up`; without one this throws.
 */
export async function runDaemon(name: string, { acceptLoss }: { acceptLoss: boolean }): Promise<void> {
  const paths = clusterPaths(name);
  const config = readConfig(paths);
  if (!config) throw new Error(`cluster ${name} has no config at ${paths.config}`);
  raiseOwnSession();
  raiseMainThread();
  const log = createLog();
  const env = systemEnv(log);
  if (isOwnOutput(paths.log)) keepLogLimited(env, paths.log);
  const startedAt = rfc3339(env.clock.now());
  const stop = stopRequested();
  const state = (url: string, ready: boolean) =>
    writeState(paths, { ...self(), version: kybernVersion, url, startedAt, ready });
  state('', false);
  logUnseenRejections(log);
  let cluster: Cluster;
  try {
    const options = clusterOptions(config, paths, env, reportSteps(stop));
    cluster = await startCluster({
      ...options,
      // As if each component ran in a process of its own: shows missing read permissions.
      separateReaders: process.env['KYBERN_SEPARATE_READERS'] === '1',
      identity: keptIdentity(paths.identity, env.random),
      acceptLoss: acceptLoss && restarts() === 0,
    });
  } catch (error) {
    log.error('the cluster could not be started', { error: String((error as Error)?.stack ?? error) });
    // If a supervisor retries, it is recorded there.
    if (restarts() === 0) removeState(paths);
    return startFailed(error, name);
  }
  // The same port at the next start keeps existing kubeconfigs valid.
  writeConfig(paths, { ...(readConfig(paths) ?? config), port: Number(new URL(cluster.url).port) });
  writeFileSync(paths.kubeconfig, cluster.kubeconfig, { mode: 0o600 });
  state(cluster.url, true);
  reportStarted();
  log.info('ready', { url: cluster.url });
  stop.ignoreDisconnect();
  releaseMemoryInQuiet(env.clock);
  await send({ type: 'ready' });
  await stop.end;
  log.info('stopping');
  await cluster.stop();
  removeState(paths);
  return finish();
}

/** Throws where no `up` waits for the start. */
async function startFailed(error: unknown, name: string): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  const loss = lossHint(error, name);
  const hint = loss ?? hintOf(error);
  if (!process.connected) throw hint ? new Problem(message, hint, loss ? needsPersonCode : 1) : error;
  await send({ type: 'failed', message, hint });
  process.exitCode = 1;
  return finish();
}

function clusterOptions(
  config: ClusterConfig,
  paths: ClusterPaths,
  env: ReturnType<typeof systemEnv>,
  listener: StepListener,
) {
  const { bridge, table, storageDir, link, balancerRange = 'none' } = config;
  const [, address] = routesOf(config);
  const node = {
    link: linkBridge(config.name),
    ...(balancerRange === 'none' ? {} : { balancerRange }),
    ...(storageDir ? { storageDir } : {}),
    ...(address ? { address } : {}),
    ...(config.network === 'none' ? { ownPodNetwork: true } : {}),
    ...(link ? { linked: { config, program: process.argv[1] ?? '' } } : {}),
  };
  return {
    name: config.name,
    env,
    store: config.store === 'memory' ? ('memory' as const) : { sqlite: paths.database },
    pkiStore: filePkiStore(paths.pki),
    listen: { host: config.host, port: config.port },
    podRange: config.podRange,
    serviceRange: config.serviceRange,
    simulatedNodes: config.simulatedNodes,
    ...(config.configuration === undefined
      ? {}
      : { configuration: readClusterConfiguration(config.configuration) }),
    ...(config.gateway ? { gateway: true } : {}),
    ...(config.encrypt ? { encrypt: config.encrypt } : {}),
    ...(config.realNodes && bridge && table ? { realNode: { paths, bridge, table, ...node } } : {}),
    listener,
  };
}

function lossHint(error: unknown, name: string): string | undefined {
  const cause = error instanceof StepError ? error.cause : error;
  if (cause instanceof PkiDamageError) {
    return `put the file back, or take all of the cluster away: kybern delete --name ${name}`;
  }
  if (!(cause instanceof StoreLossError)) return undefined;
  return `put back what is missing, or go on with what is left: kybern up --name ${name} --accept-loss`;
}
