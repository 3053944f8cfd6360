/**
 * Containers that exist only in this process: they start at once and do what their script says, on any clock.
 */

import { sleep } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import {
  type CommandCalls,
  type ContainerCalls,
  type ContainerStatus,
  type ContainerUsage,
  type ExecResult,
  type NodeCalls,
  type Runtime,
  RuntimeError,
  type SandboxCalls,
} from '../runtime/runtime.ts';
import type { ContainerConfig, SandboxConfig } from '../runtime/runtime-config.ts';
import { scriptFor } from './script.ts';
import { runShell } from './shell.ts';
import { simulatedImages } from './simulated-images.ts';
import { type SimulatedContainer, SimulatedPods } from './simulated-pods.ts';
import { commandSession, textSession } from './simulated-session.ts';

export interface SimulatedRuntime extends Runtime {
  /** False until the script says that the container is up. */
  passesProbes(containerId: string): boolean;
  /** Wall time; undefined for a container that does not run. */
  startedAtMs(containerId: string): number | undefined;
  log(containerId: string): readonly { atMs: number; line: string }[];
}

const logLinesMax = 1000;
const killedExitCode = 137;
const terminatedExitCode = 143;

export function simulatedRuntime(env: Env): SimulatedRuntime {
  const pods = new SimulatedPods(env);
  return {
    ...simulatedImages(),
    ...nodeCalls(pods),
    ...sandboxCalls(pods),
    ...containerCalls(pods),
    ...commandCalls(pods),
    subscribe(onPod) {
      pods.listeners.add(onPod);
      return () => pods.listeners.delete(onPod);
    },
    passesProbes(id) {
      const container = pods.containers.get(id);
      if (container?.status.state !== 'running') return false;
      return pods.env.clock.now() >= container.status.startedAtMs + container.script.readyAfterMs;
    },
    startedAtMs(id) {
      const status = pods.containers.get(id)?.status;
      return status?.state === 'running' ? status.startedAtMs : undefined;
    },
    log: (id) => pods.container(id).log,
    close() {
      for (const container of pods.containers.values()) container.timer?.cancel();
    },
  };
}

function nodeCalls(pods: SimulatedPods): NodeCalls {
  return {
    version: async () => ({ name: 'simulated', version: '1' }),
    async status() {
      const ready = { ready: true, reason: '', message: '' };
      const noRange = { ready: false, reason: 'NetworkPluginNotReady', message: 'the node has no pod range' };
      return { runtime: ready, network: pods.addresses.hasRange ? ready : noRange };
    },
    async updatePodCidr(podCidr) {
      pods.addresses.use(podCidr);
    },
  };
}

function sandboxCalls(pods: SimulatedPods): SandboxCalls {
  return {
    async runPodSandbox(config) {
      const hostNetwork = config.linux.securityContext.namespaceOptions.network === 'NODE';
      const id = pods.newId();
      const { name, namespace, uid, attempt } = config.metadata;
      pods.addSandbox({
        id,
        ready: true,
        name,
        namespace,
        podUid: uid,
        attempt,
        createdAtMs: pods.env.clock.now(),
        annotations: config.annotations,
        ips: hostNetwork ? [] : [pods.addresses.take()],
        hostNetwork,
      });
      return id;
    },
    async stopPodSandbox(id) {
      const sandbox = pods.sandboxes.get(id);
      if (!sandbox?.ready) return;
      pods.sandboxes.set(id, { ...sandbox, ready: false });
      for (const ip of sandbox.ips) pods.addresses.release(ip);
      for (const container of pods.containersOf(sandbox.podUid)) {
        if (container.status.sandboxId === id) pods.end(container, killedExitCode);
      }
      pods.changed(sandbox.podUid);
    },
    async removePodSandbox(id) {
      const sandbox = pods.sandboxes.get(id);
      if (!sandbox) return;
      pods.sandboxes.delete(id);
      pods.forget(sandbox.podUid, id);
    },
    async podSandboxStatus(id) {
      const sandbox = pods.sandboxes.get(id);
      if (!sandbox) throw new RuntimeError('NotFound', `sandbox "${id}" not found`);
      return sandbox;
    },
    listPodSandboxes: async (podUid) => pods.sandboxesOf(podUid),
  };
}

function newStatus(
  pods: SimulatedPods,
  sandboxId: string,
  { image, metadata, annotations }: ContainerConfig,
  sandbox: SandboxConfig,
): ContainerStatus {
  return {
    id: pods.newId(),
    sandboxId,
    podUid: sandbox.metadata.uid,
    podName: sandbox.metadata.name,
    podNamespace: sandbox.metadata.namespace,
    name: metadata.name,
    attempt: metadata.attempt,
    state: 'created',
    createdAtMs: pods.env.clock.now(),
    image: image.userSpecifiedImage ?? image.image,
    imageRef: image.image,
    annotations,
    startedAtMs: 0,
    finishedAtMs: 0,
    exitCode: 0,
    reason: '',
    message: '',
    logPath: '',
  };
}

function containerCalls(pods: SimulatedPods): ContainerCalls {
  return {
    async createContainer(sandboxId, config, sandboxConfig) {
      const status = newStatus(pods, sandboxId, config, sandboxConfig);
      const script = scriptFor(status.image, status.name, pods.annotationsOf(status.podUid));
      const env = new Map(config.envs.map(({ key, value }) => [key, value]));
      pods.addContainer({ status, script, env, log: [], hostname: sandboxConfig.hostname, timer: undefined });
      return status.id;
    },
    startContainer: async (id) => begin(pods, pods.container(id)),
    stopContainer: async (id, timeoutSeconds) => stop(pods, pods.container(id), timeoutSeconds * 1000),
    async updateContainerResources(id) {
      pods.container(id);
    },
    async removeContainer(id) {
      const container = pods.containers.get(id);
      if (!container) return;
      container.timer?.cancel();
      pods.containers.delete(id);
      pods.forget(container.status.podUid, id);
    },
    containerStatus: async (id) => pods.container(id).status,
    listContainers: async (podUid) => pods.containersOf(podUid).map((container) => container.status),
    async listUsage() {
      const all = [...pods.containers.values()];
      return all
        .filter(({ status }) => status.state === 'running')
        .map((container) => usageOf(pods, container));
    },
    async reopenLog() {},
  };
}

/** It ends by itself when its script says so. */
function begin(pods: SimulatedPods, container: SimulatedContainer): void {
  const nowMs = pods.env.clock.now();
  container.status = { ...container.status, state: 'running', startedAtMs: nowMs };
  for (const line of container.script.logLines.slice(0, logLinesMax)) {
    container.log.push({ atMs: nowMs, line });
  }
  const { durationMs, exitCode } = container.script;
  if (durationMs !== undefined) {
    container.timer = pods.env.clock.after(durationMs, () => pods.end(container, exitCode));
  }
  pods.changed(container.status.podUid);
}

async function stop(pods: SimulatedPods, container: SimulatedContainer, graceMs: number): Promise<void> {
  const { stopsAfterMs } = container.script;
  if (container.status.state === 'running' && stopsAfterMs > 0) {
    await sleep(pods.env.clock, Math.min(stopsAfterMs, graceMs));
  }
  pods.end(container, stopsAfterMs > graceMs ? killedExitCode : terminatedExitCode);
}

function usageOf(pods: SimulatedPods, { status, script }: SimulatedContainer): ContainerUsage {
  return {
    containerId: status.id,
    podUid: status.podUid,
    name: status.name,
    cpuNanos: ((pods.env.clock.now() - status.startedAtMs) * script.nanoCores) / 1000,
    memoryBytes: script.memoryBytes,
    memoryTotalBytes: script.memoryBytes,
    writtenBytes: 0,
    writtenInodes: 0,
  };
}

function commandCalls(pods: SimulatedPods): CommandCalls {
  return {
    execSync: async (id, command) => shell(pods.container(id), command),
    async exec({ containerId, command }) {
      const container = pods.container(containerId);
      if (container.status.state !== 'running') {
        throw new RuntimeError('Unknown', `container ${containerId} is not running`);
      }
      return commandSession(() => shell(container, command));
    },
    async attach({ containerId }) {
      const container = pods.container(containerId);
      return textSession(container.log.map(({ line }) => `${line}\n`).join(''));
    },
    async portForward() {
      throw new RuntimeError('Unimplemented', 'a simulated pod has no ports to forward to');
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
