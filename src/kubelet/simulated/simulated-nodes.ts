/**
 * Any number of simulated nodes in this process: the same kubelet, each under its own identity, behind one
 * server and one lease loop.
 */

import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import type { Informers } from '#client/informers/informer.ts';
import { KubeNode } from '../node/kube-node.ts';
import { LeaseLoop } from '../node/lease.ts';
import { ownPods } from '../node/pod-source.ts';
import type { NodeFacts } from '../node/status.ts';
import { type ObjectSource, watchingObjectSource } from '../pod/objects/object-source.ts';
import type { ProbeTarget } from '../probes/prober.ts';
import { type KubeletServerOptions, startKubeletServer } from '../server/server.ts';
import { SimulatedMeter } from './simulated-meter.ts';
import { simulatedRuntime } from './simulated-runtime.ts';
import { simulatedSetup } from './simulated-setup.ts';

export interface SimulatedNodesOptions {
  readonly env: Env;
  /** Acts and reads as this node. */
  readonly clientOf: (nodeName: string) => Client;
  readonly informersOf: (nodeName: string) => Informers;
  readonly count: number;
  /** Names are `PREFIX-0`, `PREFIX-1`, … Default `simulated`. */
  readonly namePrefix?: string;
  readonly firstIndex?: number;
  /** Where the kubelet server of these nodes listens; in every Node's status. */
  readonly nodeIp: string;
  readonly port?: number;
  /** Serves their logs and exec for the API server, all of them behind one door; its port then counts. */
  readonly server?: Omit<KubeletServerOptions, 'env' | 'client' | 'nodes'>;
  readonly labels?: Record<string, string>;
  /** Default 32 CPUs, 256 GiB, 110 pods. */
  readonly capacity?: Record<string, string>;
}

export interface SimulatedNodes {
  readonly nodes: readonly KubeNode[];
  /** Of their kubelet server. */
  readonly port: number;
  stop(): Promise<void>;
}

const defaultCapacity = { cpu: '32', memory: '256Gi', pods: '110', 'ephemeral-storage': '1Ti' };
const memoryBytes = 256 * 2 ** 30;
/** So many nodes register at the same time. */
const registerAtOnce = 32;

export async function startSimulatedNodes(options: SimulatedNodesOptions): Promise<SimulatedNodes> {
  const { env, clientOf, count, namePrefix = 'simulated', firstIndex = 0 } = options;
  const nameOf = (index: number) => `${namePrefix}-${firstIndex + index}`;
  const leases = new LeaseLoop(env);
  const objectSources: ObjectSource[] = [];
  const nodes: KubeNode[] = [];
  const server =
    options.server &&
    // The server has its callers reviewed by the API server as the first node: any of the nodes may.
    (await startKubeletServer({ ...options.server, env, client: clientOf(nameOf(0)), nodes: () => nodes }));
  const port = server?.port ?? options.port ?? 0;
  for (let index = 0; index < count; index++) {
    const nodeName = nameOf(index);
    const objects = watchingObjectSource(env, clientOf(nodeName));
    objectSources.push(objects);
    nodes.push(simulatedNode(options, { nodeName, port, objects, leases }));
  }
  await registerAll(nodes);
  return {
    nodes,
    port,
    async stop() {
      for (const node of nodes) node.stop();
      leases.stop();
      for (const objects of objectSources) objects.stop();
      await server?.stop();
    },
  };
}

function simulatedNode(
  options: SimulatedNodesOptions,
  parts: { nodeName: string; port: number; objects: ObjectSource; leases: LeaseLoop },
): KubeNode {
  const { env, clientOf, informersOf } = options;
  const { nodeName, port, objects, leases } = parts;
  const informers = informersOf(nodeName);
  const runtime = simulatedRuntime(env);
  return new KubeNode({
    env,
    client: clientOf(nodeName),
    informers,
    facts: factsOf(options, nodeName, port),
    runtime,
    setup: simulatedSetup(objects, runtime),
    hooks: { run: async () => undefined },
    runProbe: async ({ containerId }: ProbeTarget) =>
      runtime.passesProbes(containerId)
        ? { verdict: 'success', output: '' }
        : { verdict: 'failure', output: 'the simulated container is not ready yet' },
    podSource: ownPods(informers, nodeName),
    objects,
    leases,
    swap: { behavior: 'NoSwap', isCgroupV2: false, memoryBytes, swapBytes: 0 },
    meter: (containers) => new SimulatedMeter(env.clock, runtime, containers),
  });
}

async function registerAll(nodes: readonly KubeNode[]): Promise<void> {
  const waiting = [...nodes];
  const registerNext = async () => {
    for (let node = waiting.shift(); node; node = waiting.shift()) await node.start();
  };
  await Promise.all(Array.from({ length: registerAtOnce }, registerNext));
}

function factsOf(options: SimulatedNodesOptions, nodeName: string, port: number): NodeFacts {
  const capacity = options.capacity ?? defaultCapacity;
  return {
    nodeName,
    nodeIp: options.nodeIp,
    port,
    labels: {
      'kubernetes.io/hostname': nodeName,
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'amd64',
      'kybern.dev/simulated': 'true',
      ...options.labels,
    },
    capacity,
    allocatable: capacity,
    system: {
      machineID: nodeName,
      systemUUID: nodeName,
      bootID: nodeName,
      kernelVersion: 'simulated',
      osImage: 'simulated',
      architecture: 'amd64',
    },
  };
}
