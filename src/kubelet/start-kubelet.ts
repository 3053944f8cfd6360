/**
 * A real node's kubelet: its pods in containers of this machine, its server for logs, exec and port-forward.
 */

import type { KubeletConfiguration } from '#api/configuration/kubelet/kubelet-configuration.ts';
import { serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { Client } from '#client/client.ts';
import { createEventRecorder, type EventRecorder } from '#client/events/recorder.ts';
import { readStart } from '#host/files/files.ts';
import { KernelLog } from '#host/kernel/kernel-log.ts';
import { machineFacts } from '#host/kernel/machine-facts.ts';
import { processRoom } from '#host/kernel/node-signals.ts';
import { parseResolvConf } from './config/dns-config.ts';
import { startCsi } from './csi/start-csi.ts';
import type { PullSettings } from './images/image-puller.ts';
import { openNodeImages } from './images/node-images.ts';
import type { AccountSource } from './images/registries/provided-account.ts';
import { prepareDataFolder } from './machine/data-folder.ts';
import { podsCgroup } from './machine/pod-cgroups.ts';
import { limitPods } from './machine/pods-limit.ts';
import { limitReserved } from './machine/reserved-limits.ts';
import { KubeNode } from './node/kube-node.ts';
import { LeaseLoop } from './node/lease.ts';
import { withoutReserved } from './node/real/allocatable.ts';
import { type MachineNodeOptions, machineNode } from './node/real/machine-node.ts';
import { openManagers } from './node/real/managers.ts';
import { nodeCapacity, nodeFacts } from './node/real/node-facts.ts';
import { watchSystemOom } from './node/real/system-oom.ts';
import { KubeletRoot } from './paths/kubelet-root.ts';
import { watchingObjectSource } from './pod/objects/object-source.ts';
import { PluginRegistry } from './registration/plugin-registry.ts';
import { PodResourcesMetrics, servePodResources } from './server/pod-resources/serve.ts';
import { type KubeletServerOptions, startKubeletServer } from './server/server.ts';
import { TokenCache } from './volumes/token-cache.ts';

export interface KubeletOptions extends MachineNodeOptions {
  /** Where the machine says that images are, and how their pulls are watched. */
  readonly pulls: Pick<PullSettings, 'registries' | 'looksAt'>;
  readonly server: Omit<KubeletServerOptions, 'env' | 'client' | 'nodes'>;
}

export interface Kubelet {
  readonly port: number;
  readonly node: KubeNode;
  /** Shown to new callers of its server. */
  useCertificate(pair: { readonly certPem: string; readonly keyPem: string }): void;
  /** Containers run on. */
  stop(): Promise<void>;
}

const resolvConfBytesMax = 64 * 1024;

export async function startKubelet(options: KubeletOptions): Promise<Kubelet> {
  const { env, client, informers, nodeName } = options;
  const opened = await openMachine(options);
  const { machine, root, managers } = opened;
  const nodes: KubeNode[] = [];
  const server = await startKubeletServer({ ...options.server, env, client, nodes: () => nodes });
  const facts = nodeFacts(options, machine, server.port);
  const hostDns = parseResolvConf(await readStart('/etc/resolv.conf', resolvConfBytesMax));
  const leases = new LeaseLoop(env);
  const objects = watchingObjectSource(env, client);
  const csi = await startCsi({ env, client, informers, nodeName, root });
  const handlers = [csi.handler, managers.claims.handler, managers.devices.handler];
  const plugins = new PluginRegistry({ env, root, handlers });
  const resourcesMetrics = new PodResourcesMetrics();
  const serverMetrics = resourcesMetrics.metrics;
  const parts = { ...opened, facts, hostDns, csi, objects, leases, serverMetrics };
  const node = new KubeNode(machineNode(options, parts));
  nodes.push(node);
  await managers.devices.serve();
  await node.start();
  await plugins.start();
  const podResources = await servePodResources(
    { clock: env.clock, folder: root.machineDir('pod-resources'), managers, node },
    resourcesMetrics,
  );
  const release = await guardMachine(options, facts.capacity, opened.events);
  return {
    port: server.port,
    node,
    useCertificate: (pair) => server.useCertificate(pair),
    async stop() {
      await release();
      node.stop();
      plugins.stop();
      await managers.claims.stop();
      await managers.devices.stop();
      await podResources.close();
      await csi.stop();
      leases.stop();
      objects.stop();
      await server.stop();
    },
  };
}

/** All that may refuse this machine or its configuration. Nothing is running when it rejects. */
async function openMachine(options: KubeletOptions) {
  const { env, client, nodeName, dataDir, config } = options;
  await prepareDataFolder(dataDir);
  const events = createEventRecorder({ env, client, component: 'kubelet', host: nodeName });
  await limitReserved(config.enforcement.groups, { events, nodeName });
  const machine = machineFacts(dataDir);
  const root = new KubeletRoot(dataDir);
  const managers = await openManagers({ ...options, root, capacity: nodeCapacity(config, machine) });
  const tokens = new TokenCache(env, client);
  const accounts = accountSource(client, tokens);
  const images = await openNodeImages(env, config.images, dataDir, options.pulls, accounts);
  return { events, machine, root, managers, tokens, images };
}

/** The kubelet asks for an account whenever a provider wants it: its annotations may have changed. */
function accountSource(client: Client, tokens: TokenCache): AccountSource {
  return {
    account: (namespace, name) => client.get(serviceAccounts, { namespace, name }),
    token: (pod, audience, accountUid) => tokens.get(pod, { audience, accountUid }),
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
