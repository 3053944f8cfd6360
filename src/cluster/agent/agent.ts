/**
 * The process of one node, on the cluster's machine or another: runs until it is stopped, and leaves the containers
 * running then. While the API is away it waits: its pods run on, and its watches come back with the API.
 */

import { readKubeletConfiguration } from '#api/configuration/kubelet/kubelet-configuration.ts';
import { rfc3339 } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { kybernVersion } from '#base/version.ts';
import { hintOf, needsPersonCode, Problem } from '#cli/shared/problem.ts';
import { isOwnOutput, keepLogLimited } from '#host/files/log-limit.ts';
import { type AgentConfig, type AgentPaths, agentPaths, readAgentConfig } from '#host/home/agent-home.ts';
import { readState, removeState, writeState } from '#host/home/cluster-home.ts';
import { createLog } from '#host/log.ts';
import { releaseMemoryInQuiet } from '#host/memory/release.ts';
import { isAlive } from '#host/processes/processes.ts';
import { systemEnv } from '#host/system-env.ts';
import { isJsonObject } from '#wire/json/value.ts';
import { prepareRealNode } from '../nodes/real-node.ts';
import { finish, reportSteps, send } from '../process/report.ts';
import { StepError, type StepListener, Steps } from '../process/steps.ts';
import { stopRequested } from '../process/stop-request.ts';
import { logUnseenRejections, reportStarted, restarts, self } from '../process/supervised.ts';
import { StartedParts } from '../started-parts.ts';
import { openCredentials } from './credentials.ts';
import { httpsApi } from './https-api.ts';

const titles = {
  certificate: 'certificate of the node',
  network: 'pod network',
  runtime: 'node runtime',
  node: 'node, services and DNS',
} as const;

/**
 * Ends the process when the node has been stopped by SIGTERM or SIGINT. A failed start is reported to the waiting
 * command; without one this throws.
 */
export async function runAgent(dir: string): Promise<void> {
  const config = readAgentConfig(dir);
  const paths = agentPaths(dir, config.run);
  mustRunAlone(config, paths);
  const log = createLog();
  const env = systemEnv(log);
  if (isOwnOutput(paths.log)) keepLogLimited(env, paths.log);
  const startedAt = rfc3339(env.clock.now());
  const stop = stopRequested();
  const state = (url: string, ready: boolean) =>
    writeState(paths, { ...self(), version: kybernVersion, url, startedAt, ready });
  state('', false);
  logUnseenRejections(log);
  const parts = new StartedParts();
  try {
    const started = startNode(config, paths, env, parts, reportSteps(stop));
    // It waits for as long as the API is away.
    const url = await Promise.race([started, stop.end]);
    if (url === undefined) return await end(parts, paths);
    state(url, true);
  } catch (error) {
    log.error('the node could not be started', { error: String((error as Error)?.stack ?? error) });
    await parts.stop().catch(() => undefined);
    if (restarts() === 0) removeState(paths);
    return startFailed(error);
  }
  reportStarted();
  log.info('ready', { node: config.nodeName });
  stop.ignoreDisconnect();
  releaseMemoryInQuiet(env.clock);
  await send({ type: 'ready' });
  await stop.end;
  log.info('stopping');
  return end(parts, paths);
}

async function end(parts: StartedParts, paths: AgentPaths): Promise<never> {
  await parts.stop();
  removeState(paths);
  return finish();
}

/** Two agents of one node would undo each other's work. */
function mustRunAlone({ nodeName }: AgentConfig, paths: AgentPaths): void {
  const running = readState(paths)?.process;
  // The supervisor is recorded before this process exists.
  const isOurs = running?.pid === process.pid || running?.pid === process.ppid;
  if (!running || isOurs || !isAlive(running)) return;
  throw new Problem(
    `node ${nodeName} is run by process ${running.pid}`,
    'end that process first',
    needsPersonCode,
  );
}

/** Returns the URL of the API server. */
async function startNode(
  config: AgentConfig,
  paths: AgentPaths,
  env: Env,
  parts: StartedParts,
  listener: StepListener,
): Promise<string> {
  const steps = new Steps(Object.values(titles), env.clock, listener);
  const { kubelet } = config;
  const credentials = await steps.run(titles.certificate, () => openCredentials(env, config, paths, parts));
  const prepared = await steps.run(titles.network, () =>
    prepareRealNode({
      ...config,
      env,
      parts,
      paths,
      kubelet: readKubeletConfiguration(isJsonObject(kubelet) ? kubelet : {}),
      storages: new Map(),
    }),
  );
  const runtime = await steps.run(titles.runtime, () => prepared.startRuntime());
  const api = httpsApi(env, credentials, parts);
  await steps.run(titles.node, () => runtime.startServices(api));
  return credentials.server;
}

/** Throws where no command waits for the start. */
async function startFailed(error: unknown): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  const cause = error instanceof StepError ? error.cause : error;
  const hint = cause instanceof Problem ? cause.hint : hintOf(error);
  if (!process.connected) throw cause;
  await send({ type: 'failed', message, hint });
  process.exitCode = 1;
  return finish();
}
