/**
 * The runtime interface over CRI v1: every method is one call, with messages turned into the kubelet's own
 * records.
 */

import { processors } from '#host/kernel/machine-facts.ts';
import { systemClock } from '#host/system-env.ts';
import type { Message } from '../grpc/service-types.ts';
import type {
  CommandCalls,
  ContainerCalls,
  ImageCalls,
  NodeCalls,
  Runtime,
  SandboxCalls,
} from '../runtime/runtime.ts';
import { CallPace } from './call-pace.ts';
import { type CriChannel, openCriChannel } from './channel.ts';
import { followContainers } from './container-events.ts';
import { type EndedCommands, endedCommands } from './ended-commands.ts';
import {
  condition,
  containerStatusOf,
  imageOf,
  list,
  record,
  sandboxOf,
  sandboxStatusOf,
  summaryOf,
  text,
  usageOf,
} from './records.ts';

const callTimeoutMs = 2 * 60_000;
const sandboxTimeoutMs = 4 * 60_000;
const unlimitedMs = Number.POSITIVE_INFINITY;

type Call = (method: string, request: object, timeoutMs?: number, signal?: AbortSignal) => Promise<Message>;

export function criRuntime(socketPath: string): Runtime {
  const channel = openCriChannel(socketPath);
  const ended = endedCommands(channel, systemClock);
  const pace = new CallPace(systemClock, processors());
  const call: Call = (method, request, timeoutMs = callTimeoutMs, signal) => {
    const send = () => channel.call('RuntimeService', method, request as Message, timeoutMs, signal);
    return pace.run(method, send, signal);
  };
  return {
    ...imageCalls(channel),
    ...nodeCalls(call),
    ...sandboxCalls(call),
    ...containerCalls(call),
    ...commandCalls(call, ended),
    follow: (onChange, onEnd) => followContainers(channel, onChange, onEnd),
    close() {
      ended.close();
      channel.close();
    },
  };
}

function nodeCalls(call: Call): NodeCalls {
  return {
    async version() {
      const answer = await call('Version', { version: 'v1' });
      return { name: text(answer['runtimeName']), version: text(answer['runtimeVersion']) };
    },
    async status() {
      const conditions = list(record((await call('Status', {}))['status'])['conditions']);
      return {
        runtime: condition(conditions, 'RuntimeReady'),
        network: condition(conditions, 'NetworkReady'),
      };
    },
    async updatePodCidr(podCidr) {
      await call('UpdateRuntimeConfig', { runtimeConfig: { networkConfig: { podCidr } } });
    },
  };
}

function sandboxCalls(call: Call): SandboxCalls {
  return {
    async runPodSandbox(config, runtimeHandler = '', signal) {
      const request = { config, runtimeHandler };
      const answer = await call('RunPodSandbox', request, sandboxTimeoutMs, signal);
      return text(answer['podSandboxId']);
    },
    async stopPodSandbox(podSandboxId) {
      await call('StopPodSandbox', { podSandboxId });
    },
    async removePodSandbox(podSandboxId) {
      await call('RemovePodSandbox', { podSandboxId });
    },
    async podSandboxStatus(podSandboxId) {
      return sandboxStatusOf(record((await call('PodSandboxStatus', { podSandboxId }))['status']));
    },
    async listPodSandboxes(podUid) {
      return list((await call('ListPodSandbox', ofPod(podUid)))['items']).map(sandboxOf);
    },
  };
}

function containerCalls(call: Call): ContainerCalls {
  return {
    async createContainer(podSandboxId, config, sandboxConfig, signal) {
      // A value need not be text: the interface has it as bytes.
      const envs = config.envs.map(({ key, value }) => ({ key, value: Buffer.from(value) }));
      const request = { podSandboxId, config: { ...config, envs }, sandboxConfig };
      const answer = await call('CreateContainer', request, callTimeoutMs, signal);
      return text(answer['containerId']);
    },
    async startContainer(containerId, signal) {
      await call('StartContainer', { containerId }, callTimeoutMs, signal);
    },
    async stopContainer(containerId, timeout) {
      await call('StopContainer', { containerId, timeout }, callTimeoutMs + timeout * 1000);
    },
    async updateContainerResources(containerId, linux) {
      await call('UpdateContainerResources', { containerId, linux });
    },
    async removeContainer(containerId) {
      await call('RemoveContainer', { containerId });
    },
    async containerStatus(containerId) {
      const status = record((await call('ContainerStatus', { containerId }))['status']);
      return containerStatusOf(status);
    },
    async listContainers(podUid) {
      return list((await call('ListContainers', ofPod(podUid)))['containers']).map(summaryOf);
    },
    async listUsage() {
      return list((await call('ListContainerStats', {}))['stats']).map(usageOf);
    },
    async reopenLog(containerId) {
      await call('ReopenContainerLog', { containerId });
    },
  };
}

function commandCalls(call: Call, ended: EndedCommands): CommandCalls {
  return {
    async execSync(containerId, cmd, timeout) {
      // A hook may run as long as the container's grace period, which its caller looks after.
      const timeoutMs = timeout > 0 ? timeout * 1000 + callTimeoutMs : unlimitedMs;
      const answer = await call('ExecSync', { containerId, cmd, timeout }, timeoutMs);
      return {
        stdout: answer['stdout'] as Uint8Array,
        stderr: answer['stderr'] as Uint8Array,
        exitCode: Number(answer['exitCode']),
      };
    },
    async exec({ command, ...request }) {
      if (request.stdin) ended.expect(request.containerId);
      const url = text((await call('Exec', { ...request, cmd: command }))['url']);
      return { kind: 'url', url, runsCommand: true };
    },
    async attach(request) {
      const url = text((await call('Attach', request))['url']);
      return { kind: 'url', url, runsCommand: false };
    },
    async portForward(podSandboxId, port) {
      const url = text((await call('PortForward', { podSandboxId, port }))['url']);
      return { kind: 'url', url, runsCommand: false };
    },
  };
}

function imageCalls(channel: CriChannel): ImageCalls {
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
      // However large the image: the caller ends a pull that makes no progress.
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
