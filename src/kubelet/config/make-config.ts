/**
 * Pods and containers in the runtime's words: the configurations that sandboxes and containers are made from.
 */

import type { AnyContainer } from '#api/pods/containers.ts';
import { resourcesAnnotation } from '../decide/allocation.ts';
import { hashAnnotation } from '../decide/container-plan.ts';
import { restartCountAnnotation } from '../decide/container-statuses.ts';
import { type ContainerCpus, containerResources } from '../decide/resources.ts';
import type { SwapRules } from '../decide/swap.ts';
import type { ContainerDevices } from '../devices/container-devices.ts';
import { containerHash, type NodePod } from '../pod/pod.ts';
import type { NodeSecurity, PodSetup } from '../runtime/machine.ts';
import type { ImageRecord } from '../runtime/runtime.ts';
import type {
  ContainerConfig,
  ContainerDevice,
  ContainerMount,
  SandboxConfig,
} from '../runtime/runtime-config.ts';
import { expand } from './expansion.ts';
import { kernelHostname } from './hostname.ts';
import { containerSecurity, sandboxSecurity } from './security.ts';

/** Throws what keeps the pod from having a sandbox. */
/** `handler`: that of the pod's runtime class, empty without one. Throws when the node cannot give what the pod requests. */
export function sandboxConfig(
  pod: NodePod,
  { attempt, nodeName, handler }: { attempt: number; nodeName: string; handler: string },
  setup: PodSetup,
): SandboxConfig {
  const dnsConfig = setup.resolvConf(pod);
  return {
    metadata: {
      name: pod.metadata.name,
      uid: pod.metadata.uid,
      namespace: pod.metadata.namespace ?? '',
      attempt,
    },
    hostname: kernelHostname(pod, nodeName, setup.clusterDomain),
    logDirectory: setup.logDirectory(pod),
    ...(dnsConfig ? { dnsConfig } : {}),
    portMappings: pod.spec.containers
      .flatMap((container) => container.ports ?? [])
      .map((port) => ({
        protocol: port.protocol ?? 'TCP',
        containerPort: port.containerPort,
        hostPort: port.hostPort ?? 0,
        hostIp: port.hostIP ?? '',
      })),
    labels: { ...pod.metadata.labels, ...podLabels(pod) },
    annotations: { ...pod.metadata.annotations },
    linux: {
      cgroupParent: setup.cgroupParent(pod),
      sysctls: Object.fromEntries(
        (pod.spec.securityContext?.sysctls ?? []).map(({ name, value }) => [name, value]),
      ),
      securityContext: sandboxSecurity(pod, setup.security, handler),
    },
  };
}

function podLabels(pod: NodePod): Record<string, string> {
  return {
    'io.kubernetes.pod.name': pod.metadata.name,
    'io.kubernetes.pod.namespace': pod.metadata.namespace ?? '',
    'io.kubernetes.pod.uid': pod.metadata.uid,
  };
}

export interface ContainerInput {
  readonly pod: NodePod;
  readonly container: AnyContainer;
  readonly attempt: number;
  readonly image: ImageRecord;
  readonly envs: { key: string; value: string }[];
  readonly mounts: ContainerMount[];
  /** Block devices of claims. */
  readonly blockDevices: ContainerDevice[];
  readonly devices: ContainerDevices;
  readonly swap: SwapRules;
  readonly allocatable: Record<string, string>;
  /** Default all. */
  readonly cpus?: ContainerCpus | undefined;
  /** The NUMA nodes whose memory it may use; empty for all. */
  readonly memoryNodes: string;
  readonly security: NodeSecurity;
}

export function containerConfig(input: ContainerInput): ContainerConfig {
  const { pod, container, attempt, image, devices } = input;
  const envs = [...devices.envs, ...input.envs];
  const variables = new Map(envs.map(({ key, value }) => [key, value]));
  const expanded = (text: string) => expand(text, (name) => variables.get(name));
  return {
    metadata: { name: container.name, attempt },
    image: { image: image.id, userSpecifiedImage: container.image ?? '' },
    command: (container.command ?? []).map(expanded),
    args: (container.args ?? []).map(expanded),
    workingDir: container.workingDir ?? '',
    envs,
    mounts: [...devices.mounts, ...input.mounts],
    devices: [...devices.devices, ...input.blockDevices],
    CDIDevices: devices.cdiDevices.map((name) => ({ name })),
    labels: { ...podLabels(pod), 'io.kubernetes.container.name': container.name },
    annotations: {
      ...devices.annotations,
      [hashAnnotation]: containerHash(container),
      [restartCountAnnotation]: String(attempt),
      [resourcesAnnotation]: JSON.stringify(container.resources ?? {}),
      'io.kubernetes.container.terminationMessagePath':
        container.terminationMessagePath ?? '/dev/termination-log',
      'io.kubernetes.container.terminationMessagePolicy': container.terminationMessagePolicy ?? 'File',
      'io.kubernetes.pod.terminationGracePeriod': String(pod.spec.terminationGracePeriodSeconds ?? 30),
    },
    logPath: `${container.name}/${attempt}.log`,
    stdin: container.stdin === true,
    stdinOnce: container.stdinOnce === true,
    tty: container.tty === true,
    linux: {
      resources: {
        ...containerResources(pod, container, input.swap, input.allocatable, input.cpus),
        ...(input.memoryNodes ? { cpusetMems: input.memoryNodes } : {}),
      },
      securityContext: containerSecurity(pod, container, image, input.security),
    },
  };
}
