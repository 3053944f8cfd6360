/**
 * A real node's kubelet: its pods in containers of this machine, its server for logs, exec and port-forward.
 */

import type { KubeletConfiguration } from '#api/configuration/kubelet/kubelet-configuration.ts';
import type { TopologySettings } from '#api/configuration/kubelet/topology.ts';
import { serviceAccounts } from '#api/generated/kinds.gen.ts';
import { quantityValue } from '#api/values/quantity.ts';
import type { Client } from '#client/client.ts';
import { createEventRecorder, type EventRecorder } from '#client/events/recorder.ts';
import { readStart } from '#host/files/files.ts';
import { readCpuPlaces } from '#host/kernel/cpus/places.ts';
import { KernelLog } from '#host/kernel/kernel-log.ts';
import { machineFacts } from '#host/kernel/machine-facts.ts';
import { processRoom } from '#host/kernel/node-signals.ts';
import { readNumaMemory } from '#host/kernel/numa/memory.ts';
import { readNumaNodes } from '#host/kernel/numa/nodes.ts';
import { parseResolvConf } from './config/dns-config.ts';
import { csiPluginType } from './csi/drivers.ts';
import { startCsi } from './csi/start-csi.ts';
import { draPluginType } from './devices/claims/drivers.ts';
import { openClaims } from './devices/claims/start-claims.ts';
import { DevicePlugins } from './devices/plugins/device-plugins.ts';
import { devicePluginType } from './devices/plugins/registration.ts';
import type { PullSettings } from './images/image-puller.ts';
import { openNodeImages } from './images/node-images.ts';
import type { AccountSource } from './images/registries/provided-account.ts';
import { prepareDataFolder } from './machine/data-folder.ts';
import { podsCgroup } from './machine/pod-cgroups.ts';
import { limitPods } from './machine/pods-limit.ts';
import { limitReserved } from './machine/reserved-limits.ts';
import { openCpuManager } from './node/cpus/cpu-manager.ts';
import { KubeNode } from './node/kube-node.ts';
import { LeaseLoop } from './node/lease.ts';
import { openMemoryManager } from './node/memory/memory-manager.ts';
import { allocatableOf, withoutReserved } from './node/real/allocatable.ts';
import { type MachineNodeOptions, type MachineNodeParts, machineNode } from './node/real/machine-node.ts';
import { nodeFacts } from './node/real/node-facts.ts';
import { watchSystemOom } from './node/real/system-oom.ts';
import { watchingObjectSource } from './objects/object-source.ts';
import { KubeletRoot } from './paths/kubelet-root.ts';
import type { PluginHandler } from './registration/plugin-handler.ts';
import { PluginRegistry } from './registration/plugin-registry.ts';
import {
  PodResourcesMetrics,
  type PodResourcesParts,
  servePodResources,
} from './server/pod-resources/serve.ts';
import { type KubeletServerOptions, startKubeletServer } from './server/server.ts';
import type { HintProvider } from './topology/hint.ts';
import { TopologyMetrics } from './topology/metrics.ts';
import type { NumaNode } from './topology/numa-nodes.ts';
import { TopologyManager } from './topology/topology-manager.ts';
import { TokenCache } from './volumes/token-cache.ts';

export interface KubeletOptions extends MachineNodeOptions {
  /** Where the machine says that images are, and how their pulls are watched. */
  readonly pulls: Pick<PullSettings, 'registries' | 'looksAt'>;
  readonly server: Omit<KubeletServerOptions, 'env' | 'client' | 'nodes'>;
}

export interface Kubelet {
  readonly port: number;
  readonly node: KubeNode;
  /** Containers run on. */
  stop(): Promise<void>;
}

const resolvConfBytesMax = 64 * 1024;

export async function startKubelet(options: KubeletOptions): Promise<Kubelet> {
  const { env, client, informers, nodeName, dataDir, config } = options;
  await prepareDataFolder(dataDir);
  const events = createEventRecorder({ env, client, component: 'kubelet', host: nodeName });
  // First of all: where it fails nothing has been started yet.
  await limitReserved(config.enforcement.groups, { events, nodeName });
  const cpus = await openCpuManager({
    env,
    runtime: options.runtime,
    settings: config.cpus,
    dir: dataDir,
    places: readCpuPlaces,
  });
  const tokens = new TokenCache(env, client);
  const images = await openNodeImages(
    env,
    config.images,
    dataDir,
    options.pulls,
    accountSource(client, tokens),
  );
  const machine = machineFacts(dataDir);
  const nodes: KubeNode[] = [];
  const server = await startKubeletServer({ ...options.server, env, client, nodes: () => nodes });
  const facts = nodeFacts(options, machine, server.port);
  const hostDns = parseResolvConf(await readStart('/etc/resolv.conf', resolvConfBytesMax));
  const leases = new LeaseLoop(env);
  const objects = watchingObjectSource(env, client);
  const root = new KubeletRoot(dataDir);
  const csi = await startCsi({ env, client, informers, nodeName, root });
  const numaNodes = await readNumaNodes();
  const claims = await openClaims({ env, client, nodeName, dir: root.machineDir() });
  const devices = await DevicePlugins.open({
    env,
    root,
    runtime: options.runtime,
    numaNodes: numaNodes.map(({ id }) => id),
  });
  const memory = await openMemoryManager({
    env,
    settings: config.memory,
    dir: dataDir,
    keptBytes: keptMemory(config, facts.capacity),
    total: readNumaMemory,
  });
  const providers = [devices, cpus, memory].filter((provider) => provider !== undefined);
  const topology = topologyOf(config.topology, numaNodes, providers);
  const handlers = new Map<string, PluginHandler>([
    [csiPluginType, csi.handler],
    [draPluginType, claims.handler],
    [devicePluginType, devices.handler],
  ]);
  const plugins = new PluginRegistry({ env, root, handlers });
  const resourcesMetrics = new PodResourcesMetrics();
  const parts = {
    machine,
    facts,
    hostDns,
    root,
    csi,
    claims,
    cpus,
    devices,
    memory,
    topology,
    images,
    tokens,
    objects,
    leases,
    events,
    serverMetrics: resourcesMetrics.metrics,
  };
  const node = new KubeNode(machineNode(options, parts));
  nodes.push(node);
  await devices.serve();
  await node.start();
  await plugins.start();
  const podResources = await servePodResources(resourceParts(options, parts, node), resourcesMetrics);
  const release = await guardMachine(options, facts.capacity, events);
  return {
    port: server.port,
    node,
    async stop() {
      await release();
      node.stop();
      plugins.stop();
      await claims.stop();
      await devices.stop();
      await podResources.close();
      await csi.stop();
      leases.stop();
      objects.stop();
      await server.stop();
    },
  };
}

/** The kubelet asks for an account whenever a provider wants it: its annotations may have changed. */
function accountSource(client: Client, tokens: TokenCache): AccountSource {
  return {
    account: (namespace, name) => client.get(serviceAccounts, { namespace, name }),
    token: (pod, audience, accountUid) => tokens.get(pod, { audience, accountUid }),
  };
}

/** In bytes, what the node keeps from its pods. */
function keptMemory({ reserved, eviction }: KubeletConfiguration, capacity: Record<string, string>): number {
  const { memory = '0' } = capacity;
  const left = allocatableOf({ memory }, reserved, eviction.thresholds)['memory'];
  return quantityValue(memory) - quantityValue(left);
}

/** In upstream's order of providers. */
function topologyOf(settings: TopologySettings, nodes: readonly NumaNode[], providers: HintProvider[]) {
  const metrics = new TopologyMetrics();
  return { manager: new TopologyManager(settings, nodes, providers, metrics), metrics };
}

function resourceParts(
  { env }: KubeletOptions,
  { root, devices, cpus, memory, claims }: MachineNodeParts,
  node: KubeNode,
): PodResourcesParts {
  return {
    clock: env.clock,
    folder: root.machineDir('pod-resources'),
    sources: {
      devices: {
        of: (...container) => devices.allocated(...container),
        allocatable: () => devices.allocatable(),
      },
      cpus,
      memory,
      preparedClaims: (...container) => claims.manager.preparedClaims(...container),
    },
    activePods: () => node.activePods(),
    pods: () => node.pods(),
    findPod: (namespace, name) => node.findPod(namespace, name),
  };
}

/**
 * Keeps all pods together to what is not reserved, and records processes that the kernel killed for memory.
 * Returns the function that ends it.
 */
async function guardMachine(
  { env, nodeName, cgroupRoot, config }: MachineNodeOptions,
  capacity: Record<string, string>,
  events: EventRecorder,
): Promise<() => Promise<void>> {
  const limits = await podsLimits(config, capacity);
  const stopLimiting = limitPods({ env, events, nodeName, cgroup: podsCgroup(cgroupRoot), limits });
  const kernelLog = await KernelLog.open();
  const stopOoms = kernelLog && watchSystemOom({ env, events, nodeName, messages: () => kernelLog.next() });
  return async () => {
    stopLimiting();
    stopOoms?.();
    await kernelLog?.close();
  };
}

/** Of the control group of all pods: the shares of its processors alone where it is not to be limited. */
async function podsLimits(
  { enforcement, reserved }: KubeletConfiguration,
  capacity: Record<string, string>,
): Promise<Record<string, string>> {
  const { cpu = '0', memory = '0' } = capacity;
  if (!enforcement.pods) return { cpu };
  const pid = String((await processRoom()).capacity);
  return withoutReserved({ cpu, memory, pid }, reserved);
}
