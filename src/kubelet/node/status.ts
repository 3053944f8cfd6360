/** Registers a node and keeps its status true: capacity, conditions, addresses, images. */

import { nodes } from '#api/generated/kinds.gen.ts';
import type { Node, NodeCondition, NodeStatus } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import { rfc3339 } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import { kubernetesVersion } from '#base/version.ts';
import type { Client } from '#client/client.ts';
import { declaredFeatures } from '../admission/declared-features.ts';
import type { Pressure } from '../admission/pressure.ts';
import { networkText } from '../runtime/network-problem.ts';
import type { Runtime } from '../runtime/runtime.ts';

export interface NodeFacts {
  readonly nodeName: string;
  readonly nodeIp: string;
  readonly port: number;
  readonly labels: Record<string, string>;
  readonly taints?: readonly { key: string; value?: string; effect: string }[];
  readonly annotations?: Record<string, string>;
  readonly capacity: Record<string, string>;
  readonly allocatable: Record<string, string>;
  readonly system: {
    readonly machineID: string;
    readonly systemUUID: string;
    readonly bootID: string;
    readonly kernelVersion: string;
    readonly osImage: string;
    readonly architecture: string;
    /** In bytes; only where there is swap space. */
    readonly swap?: { readonly capacity: number };
  };
}

const imagesMax = 50;

/** Creates the Node, or brings labels of an existing one up to date; retried by the caller. */
export async function registerNode(client: Client, facts: NodeFacts): Promise<Stored<Node>> {
  const { nodeName, labels, annotations = {} } = facts;
  try {
    return await client.create(nodes, {
      metadata: {
        name: nodeName,
        labels,
        annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true', ...annotations },
      },
      spec: facts.taints ? { taints: [...facts.taints] } : {},
    });
  } catch (error) {
    if (!(error instanceof StatusError && error.reason === 'AlreadyExists')) throw error;
    return client.patch(nodes, { name: nodeName }, 'merge', { metadata: { labels, annotations } });
  }
}

export async function readNodeStatus(
  env: Env,
  runtime: Runtime,
  facts: NodeFacts,
  before: NodeStatus | undefined,
  { pressures, problem }: { pressures: ReadonlySet<Pressure>; problem: string | undefined },
): Promise<NodeStatus> {
  const [version, images, ofRuntime] = await Promise.all([
    runtime.version().catch(() => ({ name: 'unknown', version: 'unknown' })),
    runtime.listImages().catch(() => []),
    readiness(runtime),
  ]);
  const ready = [ofRuntime, problem].filter(Boolean).join(', ');
  const now = rfc3339(env.clock.now());
  return {
    capacity: facts.capacity,
    allocatable: facts.allocatable,
    addresses: [
      { type: 'InternalIP', address: facts.nodeIp },
      { type: 'Hostname', address: facts.nodeName },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: facts.port } },
    nodeInfo: {
      ...facts.system,
      operatingSystem: 'linux',
      containerRuntimeVersion: `${version.name}://${version.version}`,
      kubeletVersion: kubernetesVersion,
      kubeProxyVersion: '',
    },
    images: images
      .sort((a, b) => b.sizeBytes - a.sizeBytes)
      .slice(0, imagesMax)
      .map((image) => ({ names: [...image.repoDigests, ...image.repoTags], sizeBytes: image.sizeBytes })),
    conditions: conditions(ready, pressures, before?.conditions ?? [], now),
    // The distribution's containerd always adds the groups that an image names.
    features: { supplementalGroupsPolicy: false },
    declaredFeatures,
  };
}

/** What keeps the node from being ready, or `''`. */
async function readiness(runtime: Runtime): Promise<string> {
  try {
    const { runtime: engine, network } = await runtime.status();
    const problems = [
      ...(engine.ready ? [] : [`container runtime is down: ${engine.message}`]),
      ...(network.ready ? [] : [networkText(network)]),
    ];
    return problems.join(', ');
  } catch (error) {
    return `container runtime is down: ${errorText(error)}`;
  }
}

const pressureWords = {
  MemoryPressure: [
    ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
    ['KubeletHasInsufficientMemory', 'kubelet has insufficient memory available'],
  ],
  DiskPressure: [
    ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    ['KubeletHasDiskPressure', 'kubelet has disk pressure'],
  ],
  PIDPressure: [
    ['KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
    ['KubeletHasInsufficientPID', 'kubelet has insufficient PID available'],
  ],
} as const;

function conditions(
  problem: string,
  pressures: ReadonlySet<Pressure>,
  before: NodeCondition[],
  now: string,
): NodeCondition[] {
  const pressure = (type: Pressure) => {
    const [reason, message] = pressureWords[type][pressures.has(type) ? 1 : 0];
    return { type, status: pressures.has(type) ? 'True' : 'False', reason, message };
  };
  const wanted = [
    pressure('MemoryPressure'),
    pressure('DiskPressure'),
    pressure('PIDPressure'),
    problem === ''
      ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
      : { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: problem },
  ];
  return wanted.map((condition) => {
    const old = before.find((other) => other.type === condition.type);
    const lastTransitionTime = old?.status === condition.status ? (old.lastTransitionTime ?? now) : now;
    return { ...condition, lastHeartbeatTime: now, lastTransitionTime };
  });
}
