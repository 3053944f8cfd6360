/**
 * A real node on this machine: its network first, then containerd, then kubelet, service proxy and DNS. Each
 * step returns the next. The same in the process of the control plane and in a node's own.
 */

import type { KubeletConfiguration } from '#api/configuration/kubelet/kubelet-configuration.ts';
import type { Taint } from '#api/generated/types.gen.ts';
import { addressIn, parseAddressRange } from '#api/values/address-range.ts';
import type { Env } from '#base/env.ts';
import { addressAt, parseCidr } from '#base/net/cidr.ts';
import { findRange, rangeOf } from '#base/net/range-list.ts';
import { type Containerd, startContainerd } from '#host/containerd/containerd.ts';
import { ensureDirectory } from '#host/files/files.ts';
import { keepLogLimited } from '#host/files/log-limit.ts';
import { flowLimitsRecord } from '#host/home/cluster-home.ts';
import {
  cniConfDir,
  cniLeaseDir,
  containerdOptions,
  type NodePaths,
  nodeStorageDir,
} from '#host/home/node-home.ts';
import { type Ipv6Ranges, takeIpv6Routes, takeRoutes, uplinkMtu } from '#host/network/bridge.ts';
import { raiseFlowLimits } from '#host/network/flow-limits.ts';
import { podDevices } from '#host/network/links/pod-devices.ts';
import { BridgedPods } from '#network/pods/pod-network.ts';
import { installPodsTable, type PodsFrame } from '#network/pods/pod-paths.ts';
import { startRoutedPods } from '#network/pods/routed-pods.ts';
import { NetworkPolicies } from '#network/policies/network-policies.ts';
import type { TableFrame } from '#network/services/nft-script.ts';
import { installFrame, type ServiceProxy, startServiceProxy } from '#network/services/proxy.ts';
import { FolderStorage } from '#storage/node/folder-storage.ts';
import type { NodeStorage } from '#storage/node/node-storage.ts';
import type { StartedParts } from '../started-parts.ts';
import { dnsAddressIn, dnsAnswers, startNodeDns } from './cluster-dns.ts';
import { HeldKubelet } from './held-kubelet.ts';
import type { NodeApi } from './node-api.ts';
import { startNodeKubelet } from './node-kubelet.ts';

export interface RealNodeOptions {
  readonly env: Env;
  readonly parts: StartedParts;
  readonly paths: NodePaths;
  readonly nodeName: string;
  /**
   * One of the machine's. Default: the first of the pod range, which the pod bridge then has and changes of the
   * machine's networks do not affect.
   */
  readonly address?: string;
  readonly bridge: string;
  readonly table: string;
  /** Bridge of other nodes on this machine, which need not be there. */
  readonly link?: string;
  readonly podRange: string;
  readonly serviceRange: string;
  readonly balancerRange?: string;
  /** Pods have the user's own network: no CNI configuration is written, and no routes. Needs `address`. */
  readonly ownPodNetwork?: boolean;
  /** Default: as an empty section of a configuration has it. */
  readonly kubelet?: KubeletConfiguration;
  /** Where volumes of claims lie. Default: with the node's other files. */
  readonly storageDir?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Of a Node that is registered for the first time. */
  readonly taints?: readonly Taint[];
  /** The node adds its own. */
  readonly storages: Map<string, NodeStorage>;
}

/** The node's network is there: routes and guards, before anything can send to the cluster's ranges. */
export interface PreparedNode {
  readonly address: string;
  readonly dnsAddress: string;
  startRuntime(): Promise<NodeWithRuntime>;
}

/** containerd runs, and with it the containers of an earlier start. */
export interface NodeWithRuntime {
  startServices(api: NodeApi): Promise<RunningNode>;
}

/** Kubelet, service proxy and DNS run. */
export interface RunningNode {
  readonly kubelet: HeldKubelet;
  /** Resolves when DNS answers at its service address, as it does to a pod; rejects after `limitMs`. */
  dnsAnswers(limitMs: number): Promise<void>;
}

/** What the parts of the node have to know of its network. */
interface NodeNetwork {
  readonly address: string;
  readonly dnsAddress: string;
  readonly mtu: number;
  readonly frame: TableFrame;
}

/** A single serving endpoint stays in the table until its pod is gone: waiting longer is pointless. */
const drainLimitMs = 1000;

export async function prepareRealNode(options: RealNodeOptions): Promise<PreparedNode> {
  const { env, table: name, bridge, podRange, serviceRange, ownPodNetwork } = options;
  const balancers = options.balancerRange === undefined ? {} : { balancerRange: options.balancerRange };
  const frame = { name, bridge, podRange, serviceRange, ...balancers };
  const mtu = await uplinkMtu();
  const routed = ownPodNetwork ? { serviceRange } : { podRange, serviceRange };
  await takeRoutes(bridge, { ...routed, ...balancers }, options.address);
  const ipv6 = ipv6RangesOf(options);
  if (ipv6) await takeIpv6Routes(bridge, ipv6);
  await installFrame(frame);
  if (!ownPodNetwork) await installPodsTable(podsFrameOf(options));
  // After the table: its rules load the kernel's connection tracking.
  const notRaised = await raiseFlowLimits(flowLimitsRecord);
  if (notRaised.length > 0) env.log.debug('limits of tracked flows stay as they are', { notRaised });
  const address = options.address ?? addressAt(parseCidr(rangeOf(podRange, 4)), 1);
  const dnsAddress = dnsAddressIn(serviceRange);
  const network = { address, dnsAddress, mtu, frame };
  return { address, dnsAddress, startRuntime: () => startRuntime(options, network) };
}

function podsFrameOf({ bridge, table, link, podRange, serviceRange }: RealNodeOptions): PodsFrame {
  const { tunnel, table: name } = podDevices({ bridge, table });
  const ipv6 = ipv6RangesOf({ podRange, serviceRange });
  const ranges = { podRange: rangeOf(podRange, 4), serviceRange: rangeOf(serviceRange, 4) };
  return { name, tunnel, bridge, ...ranges, ...(link ? { link } : {}), ...(ipv6 ? { ipv6 } : {}) };
}

/** Undefined for a cluster of IPv4 alone. */
function ipv6RangesOf(options: Pick<RealNodeOptions, 'podRange' | 'serviceRange'>): Ipv6Ranges | undefined {
  const podRange = findRange(options.podRange, 6);
  const range = podRange === undefined ? undefined : parseAddressRange(podRange);
  if (podRange === undefined || !range) return undefined;
  return { podRange, serviceRange: rangeOf(options.serviceRange, 6), address: addressIn(range, 1) };
}

async function startRuntime(options: RealNodeOptions, network: NodeNetwork): Promise<NodeWithRuntime> {
  const { env, parts, paths } = options;
  // The runtime watches it from its start on.
  await ensureDirectory(cniConfDir(paths), 0o700);
  const containerd = await startContainerd(containerdOptions(paths));
  parts.add('containerd watch', containerd.release);
  parts.add('containerd log', keepLogLimited(env, containerd.logFile));
  return { startServices: (api) => new NodeServices(options, network, api).start(containerd) };
}

/** Starts what a node runs besides its containers, as clients of the API. */
class NodeServices {
  readonly #options: RealNodeOptions;
  readonly #network: NodeNetwork;
  readonly #api: NodeApi;

  constructor(options: RealNodeOptions, network: NodeNetwork, api: NodeApi) {
    this.#options = options;
    this.#network = network;
    this.#api = api;
  }

  async start(containerd: Containerd): Promise<RunningNode> {
    const { clock } = this.#options.env;
    await this.#prepareStorage();
    const proxy = this.#startProxy();
    const untilDrained = async (ip: string) => (await proxy).withdrawn(ip, drainLimitMs);
    const pods = this.#options.ownPodNetwork ? undefined : this.#bridgedPods();
    const kubelet = this.#startKubelet(containerd, untilDrained, pods);
    const [node] = await Promise.all([kubelet, proxy, this.#startDns(), this.#routePods(pods)]);
    return { kubelet: node, dnsAnswers: (limitMs) => dnsAnswers(clock, this.#network.dnsAddress, limitMs) };
  }

  /** Before the kubelet mounts anything of it. */
  async #prepareStorage(): Promise<void> {
    const { paths, nodeName, storages, storageDir = nodeStorageDir(paths) } = this.#options;
    const storage = new FolderStorage(storageDir, this.#envOf('storage').log);
    await storage.restore();
    storages.set(nodeName, storage);
  }

  #bridgedPods(): BridgedPods {
    const { paths, bridge } = this.#options;
    const { mtu } = this.#network;
    return new BridgedPods({ bridge, mtu, confDir: cniConfDir(paths), leaseDir: cniLeaseDir(paths) });
  }

  async #routePods(pods: BridgedPods | undefined): Promise<void> {
    if (!pods) return;
    const routed = await startRoutedPods({
      env: this.#envOf('pod network'),
      informers: this.#api.network.informers,
      nodeName: this.#options.nodeName,
      address: this.#network.address,
      frame: podsFrameOf(this.#options),
      onMtu: (mtu) => pods.useMtu(mtu),
    });
    this.#options.parts.add('pod network', () => routed.stop());
  }

  async #startProxy(): Promise<ServiceProxy> {
    const { parts, nodeName } = this.#options;
    const proxy = await startServiceProxy({
      env: this.#envOf('service proxy'),
      ...this.#api.network,
      // Host ports are read with the node's identity; kube-proxy may not read pods.
      nodeInformers: this.#api.kubelet.informers,
      nodeName,
      nodeIp: this.#network.address,
      frame: this.#network.frame,
    });
    parts.add('service proxy', () => proxy.stop());
    return proxy;
  }

  #startPolicies(): NetworkPolicies {
    const { parts, nodeName, bridge, table } = this.#options;
    const policies = new NetworkPolicies({
      env: this.#envOf('network policies'),
      ...this.#api.policies,
      nodeName,
      frame: { name: podDevices({ bridge, table }).policyTable, bridge },
    });
    parts.add('network policies', () => policies.stop());
    return policies;
  }

  async #startKubelet(
    containerd: Containerd,
    untilDrained: (ip: string) => Promise<void>,
    pods: BridgedPods | undefined,
  ): Promise<HeldKubelet> {
    const { address, dnsAddress } = this.#network;
    const parts = {
      ...this.#options,
      env: this.#envOf('kubelet'),
      api: this.#api,
      address,
      dnsAddress,
      containerd,
      untilDrained,
      pods,
      networkPolicies: pods && this.#startPolicies(),
    };
    const kubelet = await HeldKubelet.start(parts.env, () => startNodeKubelet(parts));
    this.#options.parts.add('kubelet', () => kubelet.stop());
    return kubelet;
  }

  #startDns(): Promise<void> {
    const { env, parts, nodeName } = this.#options;
    const { address: host, dnsAddress } = this.#network;
    return startNodeDns(env, this.#api.dns, nodeName, { host, dnsAddress }, parts);
  }

  #envOf(part: string): Env {
    const { env } = this.#options;
    return { ...env, log: env.log.child({ part }) };
  }
}
