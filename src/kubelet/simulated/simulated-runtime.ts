/**
 * Containers that exist only in this process: they start at once and do what their script says, on any clock.
 */

import { sleep, type Timer } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import {
  type ContainerStatus,
  type ContainerSummary,
  type ExecResult,
  type Runtime,
  RuntimeError,
  type SandboxStatus,
} from '../runtime/runtime.ts';
import { AddressPool } from './address-pool.ts';
import { PodIndex } from './pod-index.ts';
import { type Script, scriptFor } from './script.ts';
import { runShell } from './shell.ts';
import { simulatedImages } from './simulated-images.ts';
import { commandSession, textSession } from './simulated-session.ts';

interface SimulatedContainer {
  status: ContainerStatus;
  readonly script: Script;
  readonly env: ReadonlyMap<string, string>;
  readonly log: { atMs: number; line: string }[];
  readonly hostname: string;
  timer: Timer | undefined;
}

export interface SimulatedRuntime extends Runtime {
  /** False until the script says that the container is up. */
  passesProbes(containerId: string): boolean;
  log(containerId: string): readonly { atMs: number; line: string }[];
}

const logLinesMax = 1000;
const killedExitCode = 137;
const terminatedExitCode = 143;

export function simulatedRuntime(env: Env): SimulatedRuntime {
  const sandboxes = new Map<string, SandboxStatus>();
  const containers = new Map<string, SimulatedContainer>();
  const index = new PodIndex();
  const annotationsOf = new Map<string, Record<string, string>>();
  const listeners = new Set<(podUid: string) => void>();
  const addresses = new AddressPool();

  const changed = (podUid: string) => {
    for (const listener of listeners) listener(podUid);
  };
  const newId = () => `${env.random.uuid()}${env.random.uuid()}`.replaceAll('-', '');
  const containerOf = (id: string): SimulatedContainer => {
    const found = containers.get(id);
    if (!found) {
      throw new RuntimeError('NotFound', `an error occurred when try to find container "${id}": not found`);
    }
    return found;
  };
  const end = (container: SimulatedContainer, exitCode: number) => {
    if (container.status.state === 'exited') return;
    container.timer?.cancel();
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    const finishedAtMs = env.clock.now();
    container.status = { ...container.status, state: 'exited', exitCode, reason, finishedAtMs };
    changed(container.status.podUid);
  };
  return {
    ...simulatedImages(),
    version: async () => ({ name: 'simulated', version: '1' }),
    async status() {
      const ready = { ready: true, reason: '', message: '' };
      const noRange = { ready: false, reason: 'NetworkPluginNotReady', message: 'the node has no pod range' };
      return { runtime: ready, network: addresses.hasRange ? ready : noRange };
    },
    async updatePodCidr(podCidr) {
      addresses.use(podCidr);
    },
    async runPodSandbox(config) {
      const hostNetwork = config.linux.securityContext.namespaceOptions.network === 'NODE';
      const id = newId();
      const { name, namespace, uid, attempt } = config.metadata;
      sandboxes.set(id, {
        id,
        ready: true,
        name,
        namespace,
        podUid: uid,
        attempt,
        createdAtMs: env.clock.now(),
        annotations: config.annotations,
        ips: hostNetwork ? [] : [addresses.take()],
        hostNetwork,
      });
      annotationsOf.set(uid, config.annotations);
      index.add(uid, id);
      changed(uid);
      return id;
    },
    async stopPodSandbox(id) {
      const sandbox = sandboxes.get(id);
      if (!sandbox?.ready) return;
      sandboxes.set(id, { ...sandbox, ready: false });
      for (const ip of sandbox.ips) addresses.release(ip);
      for (const container of index.choose(containers, sandbox.podUid)) {
        if (container.status.sandboxId === id) end(container, killedExitCode);
      }
      changed(sandbox.podUid);
    },
    async removePodSandbox(id) {
      const sandbox = sandboxes.get(id);
      if (!sandbox) return;
      sandboxes.delete(id);
      if (index.remove(sandbox.podUid, id)) annotationsOf.delete(sandbox.podUid);
    },
    async podSandboxStatus(id) {
      const sandbox = sandboxes.get(id);
      if (!sandbox) throw new RuntimeError('NotFound', `sandbox "${id}" not found`);
      return sandbox;
    },
    listPodSandboxes: async (podUid) => index.choose(sandboxes, podUid),
    async createContainer(sandboxId, config, sandboxConfig) {
      const image = config.image.userSpecifiedImage ?? config.image.image;
      const podUid = sandboxConfig.metadata.uid;
      const id = newId();
      const status: ContainerStatus = {
        id,
        sandboxId,
        podUid,
        podName: sandboxConfig.metadata.name,
        podNamespace: sandboxConfig.metadata.namespace,
        name: config.metadata.name,
        attempt: config.metadata.attempt,
        state: 'created',
        createdAtMs: env.clock.now(),
        image,
        imageRef: config.image.image,
        annotations: config.annotations,
        startedAtMs: 0,
        finishedAtMs: 0,
        exitCode: 0,
        reason: '',
        message: '',
        logPath: '',
      };
      const script = scriptFor(image, config.metadata.name, annotationsOf.get(podUid) ?? {});
      const variables = new Map(config.envs.map(({ key, value }) => [key, value]));
      const { hostname } = sandboxConfig;
      containers.set(id, { status, script, env: variables, log: [], hostname, timer: undefined });
      index.add(podUid, id);
      return id;
    },
    async startContainer(id) {
      const container = containerOf(id);
      const nowMs = env.clock.now();
      container.status = { ...container.status, state: 'running', startedAtMs: nowMs };
      for (const line of container.script.logLines.slice(0, logLinesMax)) {
        container.log.push({ atMs: nowMs, line });
      }
      const { durationMs, exitCode } = container.script;
      if (durationMs !== undefined) {
        container.timer = env.clock.after(durationMs, () => end(container, exitCode));
      }
      changed(container.status.podUid);
    },
    async stopContainer(id, timeoutSeconds) {
      const container = containerOf(id);
      const { stopsAfterMs } = container.script;
      const graceMs = timeoutSeconds * 1000;
      if (container.status.state === 'running' && stopsAfterMs > 0) {
        await sleep(env.clock, Math.min(stopsAfterMs, graceMs));
      }
      end(container, stopsAfterMs > graceMs ? killedExitCode : terminatedExitCode);
    },
    async updateContainerResources(id) {
      containerOf(id);
    },
    async removeContainer(id) {
      const container = containers.get(id);
      if (!container) return;
      container.timer?.cancel();
      containers.delete(id);
      const { podUid } = container.status;
      if (index.remove(podUid, id)) annotationsOf.delete(podUid);
    },
    containerStatus: async (id) => containerOf(id).status,
    async listContainers(podUid): Promise<ContainerSummary[]> {
      return index.choose(containers, podUid).map((container) => container.status);
    },
    async listUsage() {
      const running = [...containers.values()].filter((container) => container.status.state === 'running');
      return running.map(({ status, script }) => ({
        containerId: status.id,
        podUid: status.podUid,
        name: status.name,
        cpuNanos: (env.clock.now() - status.startedAtMs) * 1000,
        memoryBytes: script.memoryBytes,
        memoryTotalBytes: script.memoryBytes,
        writtenBytes: 0,
      }));
    },
    async reopenLog() {},
    execSync: async (id, command) => shell(containerOf(id), command),
    async exec({ containerId, command }) {
      const container = containerOf(containerId);
      if (container.status.state !== 'running') {
        throw new RuntimeError('Unknown', `container ${containerId} is not running`);
      }
      return commandSession(() => shell(container, command));
    },
    async attach({ containerId }) {
      const container = containerOf(containerId);
      return textSession(container.log.map(({ line }) => `${line}\n`).join(''));
    },
    async portForward() {
      throw new RuntimeError('Unimplemented', 'a simulated pod has no ports to forward to');
    },
    subscribe(onPod) {
      listeners.add(onPod);
      return () => listeners.delete(onPod);
    },
    passesProbes(id) {
      const container = containers.get(id);
      if (container?.status.state !== 'running') return false;
      return env.clock.now() >= container.status.startedAtMs + container.script.readyAfterMs;
    },
    log: (id) => containerOf(id).log,
    close() {
      for (const container of containers.values()) container.timer?.cancel();
    },
  };
}

function shell(container: SimulatedContainer, command: string[]): ExecResult {
  const { stdout, stderr, exitCode } = runShell(command, {
    env: container.env,
    hostname: container.hostname,
  });
  return { stdout: Buffer.from(stdout), stderr: Buffer.from(stderr), exitCode };
}
