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
  type ClusterState,
  clusterPaths,
  readConfig,
  removeState,
  writeConfig,
  writeState,
} from '#host/home/cluster-home.ts';
import { supervisorOf } from '#host/home/cluster-processes.ts';
import { createLog } from '#host/log.ts';
import { releaseMemoryInQuiet } from '#host/memory/release.ts';
import { holdProcess } from '#host/processes/hold-process.ts';
import { raiseMainThread, raiseOwnSession } from '#host/processes/priority.ts';
import { identityOf } from '#host/processes/processes.ts';
import { systemEnv } from '#host/system-env.ts';
import { PkiDamageError } from '#pki/damage.ts';
import { StoreLossError } from '#store/errors.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { filePkiStore } from './state/file-pki-store.ts';
import { keptIdentity } from './state/identity.ts';
import { StepError, type StepListener } from './steps.ts';

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
  process.on('unhandledRejection', (reason) =>
    log.error('a promise was rejected unseen', { error: String((reason as Error)?.stack ?? reason) }),
  );
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
  writeConfig(paths, { ...config, port: Number(new URL(cluster.url).port) });
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
  const { bridge, table, storageDir } = config;
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
    ...(config.encrypt ? { encrypt: config.encrypt } : {}),
    ...(config.realNodes && bridge && table
      ? { realNode: { paths, bridge, table, ...(storageDir ? { storageDir } : {}) } }
      : {}),
    listener,
  };
}

function self(): Pick<ClusterState, 'process' | 'supervisor' | 'restarts'> {
  const identity = identityOf(process.pid) ?? { pid: process.pid, startTicks: '0' };
  return { process: identity, supervisor: supervisorOf(process.pid), restarts: restarts() };
}

/** From now on a death of this process is not a failed start: the supervisor restarts it. */
function reportStarted(): void {
  const supervisor = supervisorOf(process.pid);
  if (supervisor) process.kill(supervisor.pid, 'SIGUSR1');
}

/** How often the supervisor has restarted this cluster's process. */
function restarts(): number {
  return Number(process.env['KYBERN_RESTARTS'] ?? 0);
}

function lossHint(error: unknown, name: string): string | undefined {
  const cause = error instanceof StepError ? error.cause : error;
  if (cause instanceof PkiDamageError) {
    return `put the file back, or take all of the cluster away: kybern delete --name ${name}`;
  }
  if (!(cause instanceof StoreLossError)) return undefined;
  return `put back what is missing, or go on with what is left: kybern up --name ${name} --accept-loss`;
}

interface Stop {
  /** Resolves when this process is to stop. */
  readonly end: Promise<void>;
  isRequested(): boolean;
  /** From now on the end of the `up` that waits for it does not end this process. */
  ignoreDisconnect(): void;
}

/**
 * By a signal, or, during the start, by the end of the `up` that waits for it and would report the outcome.
 */
function stopRequested(): Stop {
  const { promise, resolve } = Promise.withResolvers<void>();
  let over = false;
  const release = holdProcess();
  const end = () => {
    over = true;
    release();
    resolve();
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.on('disconnect', end);
  return { end: promise, isRequested: () => over, ignoreDisconnect: () => process.off('disconnect', end) };
}

/** A start that was cancelled ends between two steps, as if the next step had failed. */
function reportSteps(stop: Stop): StepListener {
  const goOn = () => {
    if (stop.isRequested()) throw new Error('stopped while it was starting');
  };
  if (process.send) {
    return {
      plan: (steps) => void send({ type: 'plan', steps }),
      warn: (text) => void send({ type: 'warning', text }),
      done(step, durationMs) {
        goOn();
        void send({ type: 'done', step, durationMs });
      },
    };
  }
  return {
    plan: () => undefined,
    warn: (text) => console.error(`warning: ${text}`),
    done(step, durationMs) {
      goOn();
      console.error(`${step} (${Math.round(durationMs)} ms)`);
    },
  };
}

/** Sends to the waiting `up`, if it still exists. */
function send(message: object): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected) return resolve();
    process.send?.(message, undefined, undefined, () => resolve());
  });
}

/** A handle that a library keeps open must not keep the process of a stopped cluster alive. */
function finish(): never {
  process.exit();
}
