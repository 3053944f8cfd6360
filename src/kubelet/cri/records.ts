/** The kubelet's own records, read from messages of CRI v1. */

import type { Message } from '../grpc/service-types.ts';
import type {
  ContainerState,
  ContainerStatus,
  ContainerSummary,
  ContainerUsage,
  ImageRecord,
  RuntimeCondition,
  Sandbox,
  SandboxStatus,
} from '../runtime/runtime.ts';
import { RuntimeError } from '../runtime/runtime.ts';

const nanosPerMs = 1e6;
const millis = (nanos: unknown) => Math.floor(Number(nanos ?? 0) / nanosPerMs);
export const record = (value: unknown) => (value ?? {}) as Message;
export const list = (value: unknown) => (value ?? []) as Message[];
export const text = (value: unknown) => String(value ?? '');
const strings = (value: unknown) => (value ?? {}) as Record<string, string>;

const states: Record<string, ContainerState> = {
  CONTAINER_CREATED: 'created',
  CONTAINER_RUNNING: 'running',
  CONTAINER_EXITED: 'exited',
};

export function condition(conditions: Message[], type: string): RuntimeCondition {
  const found = conditions.find((condition) => condition['type'] === type);
  return {
    ready: found?.['status'] === true,
    reason: text(found?.['reason']),
    message: text(found?.['message']),
  };
}

export function sandboxOf(item: Message): Sandbox {
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

export function sandboxStatusOf(status: Message): SandboxStatus {
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
}

export function summaryOf(item: Message): ContainerSummary {
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

export function containerStatusOf(status: Message): ContainerStatus {
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

export function imageOf(item: Message): ImageRecord {
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

export function usageOf(stats: Message): ContainerUsage {
  const attributes = record(stats['attributes']);
  const labels = strings(attributes['labels']);
  const memory = record(stats['memory']);
  const written = record(stats['writableLayer']);
  const memoryBytes = Number(record(memory['workingSetBytes'])['value'] ?? 0);
  return {
    containerId: text(attributes['id']),
    podUid: labels['io.kubernetes.pod.uid'] ?? '',
    name: labels['io.kubernetes.container.name'] ?? '',
    cpuNanos: Number(record(record(stats['cpu'])['usageCoreNanoSeconds'])['value'] ?? 0),
    memoryBytes,
    memoryTotalBytes: Math.max(Number(record(memory['usageBytes'])['value'] ?? 0), memoryBytes),
    writtenBytes: Number(record(written['usedBytes'])['value'] ?? 0),
    writtenInodes: Number(record(written['inodesUsed'])['value'] ?? 0),
  };
}
