/**
 * What the kubelet asks of whatever runs its containers: the shape of the container runtime interface, with
 * times in milliseconds. containerd stands behind it on a real node, a script in this process on a simulated
 * one.
 */

import type { StreamRequest, StreamTarget } from './remote-session.ts';
import type { ContainerConfig, LinuxResources, SandboxConfig } from './runtime-config.ts';

export interface Sandbox {
  id: string;
  ready: boolean;
  name: string;
  namespace: string;
  podUid: string;
  attempt: number;
  createdAtMs: number;
  annotations: Record<string, string>;
}

export interface SandboxStatus extends Sandbox {
  /** Empty for a pod in the host's network. */
  ips: string[];
  hostNetwork: boolean;
}

export type ContainerState = 'created' | 'running' | 'exited' | 'unknown';

/** What a list knows of a container. */
export interface ContainerSummary {
  id: string;
  sandboxId: string;
  podUid: string;
  podName: string;
  podNamespace: string;
  name: string;
  attempt: number;
  state: ContainerState;
  createdAtMs: number;
  image: string;
  imageRef: string;
  annotations: Record<string, string>;
}

export interface ContainerStatus extends ContainerSummary {
  /** 0 when it never started. */
  startedAtMs: number;
  /** 0 while it has not ended. */
  finishedAtMs: number;
  exitCode: number;
  reason: string;
  /** The runtime's own. */
  message: string;
  /** The container's termination message. */
  terminationMessage?: Uint8Array;
  logPath: string;
}

export interface ImageRecord {
  id: string;
  repoTags: string[];
  repoDigests: string[];
  sizeBytes: number;
  /** The user that the image's config names: a number, a name, or nothing. */
  uid?: number;
  username?: string;
  pinned: boolean;
}

export interface RegistryCredentials {
  username: string;
  password: string;
  identityToken: string;
  /** The only server that may see them: `https://mirror.example.com:5000`; any, when it is not given. */
  serverAddress?: string;
}

export interface ExecResult {
  stdout: Uint8Array;
  stderr: Uint8Array;
  exitCode: number;
}

export interface RuntimeCondition {
  ready: boolean;
  reason: string;
  message: string;
}

export interface ContainerUsage {
  containerId: string;
  podUid: string;
  name: string;
  cpuNanos: number;
  /** The working set. */
  memoryBytes: number;
  /** Including what the kernel could reclaim. */
  memoryTotalBytes: number;
  /** What it wrote into its own file system. */
  writtenBytes: number;
  /** The files and directories that this took. */
  writtenInodes: number;
}

/**
 * Raised by a runtime; `code` is a gRPC status name where one is known. Its message names the code, as Go
 * prints it.
 */
export class RuntimeError extends Error {
  override name = 'RuntimeError';
  readonly code: string;
  /** Without the code: the message of a container that could not be made or started. */
  readonly description: string;
  constructor(code: string, description: string) {
    super(`rpc error: code = ${code} desc = ${description}`);
    this.code = code;
    this.description = description;
  }
}

/** What a runtime says of itself, and the range it takes pod addresses from. */
export interface NodeCalls {
  version(): Promise<{ name: string; version: string }>;
  status(): Promise<{ runtime: RuntimeCondition; network: RuntimeCondition }>;
  updatePodCidr(podCidr: string): Promise<void>;
}

/** A pod's sandbox: its network and namespaces. */
export interface SandboxCalls {
  /** `handler` is that of a runtime class; empty for the default one. */
  runPodSandbox(config: SandboxConfig, handler?: string, signal?: AbortSignal): Promise<string>;
  stopPodSandbox(id: string): Promise<void>;
  removePodSandbox(id: string): Promise<void>;
  podSandboxStatus(id: string): Promise<SandboxStatus>;
  /** All, or those of one pod. */
  listPodSandboxes(podUid?: string): Promise<Sandbox[]>;
}

/** Containers in a sandbox. */
export interface ContainerCalls {
  createContainer(
    sandboxId: string,
    config: ContainerConfig,
    sandboxConfig: SandboxConfig,
    signal?: AbortSignal,
  ): Promise<string>;
  startContainer(id: string, signal?: AbortSignal): Promise<void>;
  stopContainer(id: string, timeoutSeconds: number): Promise<void>;
  updateContainerResources(id: string, resources: LinuxResources): Promise<void>;
  removeContainer(id: string): Promise<void>;
  containerStatus(id: string): Promise<ContainerStatus>;
  listContainers(podUid?: string): Promise<ContainerSummary[]>;
  listUsage(): Promise<ContainerUsage[]>;
  reopenLog(id: string): Promise<void>;
}

/** Commands in a container, its streams, and ports of a sandbox. */
export interface CommandCalls {
  execSync(id: string, command: string[], timeoutSeconds: number): Promise<ExecResult>;
  exec(request: StreamRequest): Promise<StreamTarget>;
  attach(request: Omit<StreamRequest, 'command'>): Promise<StreamTarget>;
  /** `ports` where the protocol does not name them itself. */
  portForward(sandboxId: string, ports: readonly number[]): Promise<StreamTarget>;
}

/** Images, by reference or id. */
export interface ImageCalls {
  listImages(): Promise<ImageRecord[]>;
  imageStatus(reference: string): Promise<ImageRecord | undefined>;
  pullImage(reference: string, auth?: RegistryCredentials, signal?: AbortSignal): Promise<string>;
  removeImage(reference: string): Promise<void>;
}

/**
 * A container runtime. When the `signal` of a call is aborted, the call fails, and what it had half made may be left.
 */
export interface Runtime extends NodeCalls, SandboxCalls, ContainerCalls, CommandCalls, ImageCalls {
  /** Calls `onPod` with a pod's uid whenever something of it changed. Without it the kubelet relists. */
  subscribe?(onPod: (podUid: string) => void): () => void;
  /**
   * Calls back when something of a pod changed, and once when the event stream has ended. Returns the
   * function that ends it without calling back.
   */
  follow?(onChange: () => void, onEnd: () => void): () => void;
  close(): void;
}
