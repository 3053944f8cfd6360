/**
 * The runtime interface over CRI v1: every method is one call, with messages turned into the kubelet's own
 * records.
 */

import { systemClock } from '#host/system-env.ts';
import type {
  ContainerState,
  ContainerStatus,
  ContainerSummary,
  ImageRecord,
  Runtime,
  RuntimeCondition,
  Sandbox,
} from '../runtime/runtime.ts';
import { RuntimeError } from '../runtime/runtime.ts';
import { type CriChannel, type Message, openCriChannel } from './channel.ts';
import { followContainers } from './container-events.ts';
import { endedCommands } from './ended-commands.ts';

const callTimeoutMs = 2 * 60_000;
const sandboxTimeoutMs = 4 * 60_000;
const unlimitedMs = Number.POSITIVE_INFINITY;

const nanosPerMs = 1e6;
const millis = (nanos: unknown) => Math.floor(Number(nanos ?? 0) / nanosPerMs);
const record = (value: unknown) => (value ?? {}) as Message;
const list = (value: unknown) => (value ?? []) as Message[];
const text = (value: unknown) => String(value ?? '');
const strings = (value: unknown) => (value ?? {}) as Record<string, string>;

const states: Record<string, ContainerState> = {
  CONTAINER_CREATED: 'created',
  CONTAINER_RUNNING: 'running',
  CONTAINER_EXITED: 'exited',
};

export function criRuntime(socketPath: string): Runtime {
  const channel = openCriChannel(socketPath);
  const ended = endedCommands(channel, systemClock);
  const runtimeCall = (method: string, request: object, timeoutMs = callTimeoutMs, signal?: AbortSignal) =>
    channel.call('RuntimeService', method, request as Message, timeoutMs, signal);
  return {
    ...imageCalls(channel),
    async version() {
      const answer = await runtimeCall('Version', { version: 'v1' });
      return { name: text(answer['runtimeName']), version: text(answer['runtimeVersion']) };
    },
    async status() {
      const conditions = list(record((await runtimeCall('Status', {}))['status'])['conditions']);
      return {
        runtime: condition(conditions, 'RuntimeReady'),
        network: condition(conditions, 'NetworkReady'),
      };
    },
    async updatePodCidr(podCidr) {
      await runtimeCall('UpdateRuntimeConfig', { runtimeConfig: { networkConfig: { podCidr } } });
    },
    async runPodSandbox(config, runtimeHandler = '', signal) {
      const request = { config, runtimeHandler };
      const answer = await runtimeCall('RunPodSandbox', request, sandboxTimeoutMs, signal);
      return text(answer['podSandboxId']);
    },
    async stopPodSandbox(podSandboxId) {
      await runtimeCall('StopPodSandbox', { podSandboxId });
    },
    async removePodSandbox(podSandboxId) {
      await runtimeCall('RemovePodSandbox', { podSandboxId });
    },
    async podSandboxStatus(podSandboxId) {
      const status = record((await runtimeCall('PodSandboxStatus', { podSandboxId }))['status']);
      const network = record(status['network']);
      const ips = [
        text(network['ip']),
        ...list(network['additionalIps']).map((additional) => text(additional['ip'])),
      ];
      const options = record(record(record(status['linux'])['namespaces'])['options']);
      return {
        ...sandboxOf(status),
        ips: ips.filter((ip) => ip !== ''),
        hostNetwork: options['network'] === 'NODE',
      };
    },
    async listPodSandboxes(podUid) {
      return list((await runtimeCall('ListPodSandbox', ofPod(podUid)))['items']).map(sandboxOf);
    },
    async createContainer(podSandboxId, config, sandboxConfig, signal) {
      // A value need not be text: the interface has it as bytes.
      const envs = config.envs.map(({ key, value }) => ({ key, value: Buffer.from(value) }));
      const request = { podSandboxId, config: { ...config, envs }, sandboxConfig };
      const answer = await runtimeCall('CreateContainer', request, callTimeoutMs, signal);
      return text(answer['containerId']);
    },
    async startContainer(containerId, signal) {
      await runtimeCall('StartContainer', { containerId }, callTimeoutMs, signal);
    },
    async stopContainer(containerId, timeout) {
      await runtimeCall('StopContainer', { containerId, timeout }, callTimeoutMs + timeout * 1000);
    },
    async updateContainerResources(containerId, linux) {
      await runtimeCall('UpdateContainerResources', { containerId, linux });
    },
    async removeContainer(containerId) {
      await runtimeCall('RemoveContainer', { containerId });
    },
    async containerStatus(containerId) {
      const status = record((await runtimeCall('ContainerStatus', { containerId }))['status']);
      return containerStatusOf(status);
    },
    async listContainers(podUid) {
      return list((await runtimeCall('ListContainers', ofPod(podUid)))['containers']).map(summaryOf);
    },
    async listUsage() {
      return list((await runtimeCall('ListContainerStats', {}))['stats']).map((stats) => {
        const attributes = record(stats['attributes']);
        const labels = strings(attributes['labels']);
        const memory = record(stats['memory']);
        const memoryBytes = Number(record(memory['workingSetBytes'])['value'] ?? 0);
        return {
          containerId: text(attributes['id']),
          podUid: labels['io.kubernetes.pod.uid'] ?? '',
          name: labels['io.kubernetes.container.name'] ?? '',
          cpuNanos: Number(record(record(stats['cpu'])['usageCoreNanoSeconds'])['value'] ?? 0),
          memoryBytes,
          memoryTotalBytes: Math.max(Number(record(memory['usageBytes'])['value'] ?? 0), memoryBytes),
          writtenBytes: Number(record(record(stats['writableLayer'])['usedBytes'])['value'] ?? 0),
        };
      });
    },
    async reopenLog(containerId) {
      await runtimeCall('ReopenContainerLog', { containerId });
    },
    async execSync(containerId, cmd, timeout) {
      // A hook may run as long as the container's grace period, which its caller looks after.
      const timeoutMs = timeout > 0 ? timeout * 1000 + callTimeoutMs : unlimitedMs;
      const answer = await runtimeCall('ExecSync', { containerId, cmd, timeout }, timeoutMs);
      return {
        stdout: answer['stdout'] as Uint8Array,
        stderr: answer['stderr'] as Uint8Array,
        exitCode: Number(answer['exitCode']),
      };
    },
    async exec({ command, ...request }) {
      if (request.stdin) ended.expect(request.containerId);
      return { kind: 'url', url: text((await runtimeCall('Exec', { ...request, cmd: command }))['url']) };
    },
    async attach(request) {
      return { kind: 'url', url: text((await runtimeCall('Attach', request))['url']) };
    },
    async portForward(podSandboxId, port) {
      return { kind: 'url', url: text((await runtimeCall('PortForward', { podSandboxId, port }))['url']) };
    },
    follow: (onChange, onEnd) => followContainers(channel, onChange, onEnd),
    close() {
      ended.close();
      channel.close();
    },
  };
}

function imageCalls(
  channel: CriChannel,
): Pick<Runtime, 'listImages' | 'imageStatus' | 'pullImage' | 'removeImage'> {
  const call = (method: string, request: Message, timeoutMs = callTimeoutMs, signal?: AbortSignal) =>
    channel.call('ImageService', method, request, timeoutMs, signal);
  return {
    async listImages() {
      return list((await call('ListImages', {}))['images']).map(imageOf);
    },
    async imageStatus(image) {
      const answer = await call('ImageStatus', { image: { image } });
      return answer['image'] ? imageOf(record(answer['image'])) : undefined;
    },
    async pullImage(image, auth, signal) {
      const request = { image: { image }, ...(auth ? { auth } : {}) };
      // However large the image: containerd itself gives up a pull that makes no progress.
      return text((await call('PullImage', request, unlimitedMs, signal))['imageRef']);
    },
    async removeImage(image) {
      await call('RemoveImage', { image: { image } });
    },
  };
}

function ofPod(podUid: string | undefined): object {
  return podUid === undefined ? {} : { filter: { labelSelector: { 'io.kubernetes.pod.uid': podUid } } };
}

function condition(conditions: Message[], type: string): RuntimeCondition {
  const found = conditions.find((condition) => condition['type'] === type);
  return {
    ready: found?.['status'] === true,
    reason: text(found?.['reason']),
    message: text(found?.['message']),
  };
}

function sandboxOf(item: Message): Sandbox {
  const metadata = record(item['metadata']);
  return {
    id: text(item['id']),
    ready: item['state'] === 'SANDBOX_READY',
    name: text(metadata['name']),
    namespace: text(metadata['namespace']),
    podUid: text(metadata['uid']),
    attempt: Number(metadata['attempt']),
    createdAtMs: millis(item['createdAt']),
    annotations: strings(item['annotations']),
  };
}

function summaryOf(item: Message): ContainerSummary {
  const metadata = record(item['metadata']);
  const labels = strings(item['labels']);
  return {
    id: text(item['id']),
    sandboxId: text(item['podSandboxId']),
    podUid: labels['io.kubernetes.pod.uid'] ?? '',
    podName: labels['io.kubernetes.pod.name'] ?? '',
    podNamespace: labels['io.kubernetes.pod.namespace'] ?? '',
    name: text(metadata['name']),
    attempt: Number(metadata['attempt']),
    state: states[text(item['state'])] ?? 'unknown',
    createdAtMs: millis(item['createdAt']),
    image: text(record(item['image'])['image']),
    imageRef: text(item['imageRef']),
    annotations: strings(item['annotations']),
  };
}

function containerStatusOf(status: Message): ContainerStatus {
  if (!status['id']) throw new RuntimeError('NotFound', 'container has no status');
  return {
    ...summaryOf(status),
    startedAtMs: millis(status['startedAt']),
    finishedAtMs: millis(status['finishedAt']),
    exitCode: Number(status['exitCode']),
    reason: text(status['reason']),
    message: text(status['message']),
    logPath: text(status['logPath']),
  };
}

function imageOf(item: Message): ImageRecord {
  const uid = item['uid'] as Message | null | undefined;
  return {
    id: text(item['id']),
    repoTags: (item['repoTags'] ?? []) as string[],
    repoDigests: (item['repoDigests'] ?? []) as string[],
    sizeBytes: Number(item['size'] ?? 0),
    ...(uid ? { uid: Number(uid['value'] ?? 0) } : {}),
    ...(item['username'] ? { username: text(item['username']) } : {}),
    pinned: item['pinned'] === true,
  };
}
