/** The options of a real node: its pods in containers of this machine. */

import type { KubeletConfiguration } from '#api/configuration/kubelet/kubelet-configuration.ts';
import type { Taint } from '#api/generated/types.gen.ts';
import type { Env } from '#base/env.ts';
import type { Metric } from '#base/metrics/metric.ts';
import type { Client } from '#client/client.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import type { Informers } from '#client/informers/informer.ts';
import { isCgroupV2 } from '#host/kernel/capabilities.ts';
import { diskUsage, type MachineFacts } from '#host/kernel/machine-facts.ts';
import { delayShutdown, followShutdown } from '#host/processes/logind.ts';
import type { DnsConfig } from '../../config/dns-config.ts';
import { runtimeWithCdi } from '../../cri/cdi/runtime-with-cdi.ts';
import type { Csi } from '../../csi/start-csi.ts';
import type { ShutdownSource } from '../../eviction/shutdown/node-shutdown.ts';
import type { NodeImages } from '../../images/node-images.ts';
import { MachineEvictionMeter } from '../../machine/eviction-meter.ts';
import { machineSetup } from '../../machine/machine-setup.ts';
import { podsCgroup } from '../../machine/pod-cgroups.ts';
import type { KubeletRoot } from '../../paths/kubelet-root.ts';
import type { ObjectSource } from '../../pod/objects/object-source.ts';
import type { PodPolicies } from '../../pod/pod-policies.ts';
import { machineProbe } from '../../probes/machine-probe.ts';
import type { PodSetup } from '../../runtime/machine.ts';
import { RuntimeMetrics } from '../../runtime/measured-runtime.ts';
import type { PodNetwork } from '../../runtime/pod-network.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { CgroupReader } from '../../usage/cgroup-reader.ts';
import { MachineUsage } from '../../usage/machine.ts';
import { SampledMeter } from '../../usage/sampled-meter.ts';
import type { ImageMounter } from '../../volumes/images/image.ts';
import { ImageMountMetrics } from '../../volumes/images/mount-metrics.ts';
import type { TokenCache } from '../../volumes/token-cache.ts';
import { hookRunner } from '../../worker/hooks.ts';
import type { LeaseLoop } from '../lease.ts';
import type { NodeOptions } from '../options.ts';
import { withStaticPods } from '../static/with-static-pods.ts';
import type { NodeFacts } from '../status.ts';
import { kubeletConfiguration } from './kubelet-configuration.ts';
import { managerMetrics, type ResourceManagers } from './managers.ts';

export interface MachineNodeOptions {
  readonly env: Env;
  readonly client: Client;
  readonly informers: Informers;
  readonly nodeName: string;
  readonly nodeIp: string;
  readonly runtime: Runtime;
  readonly podNetwork?: PodNetwork;
  /** Volumes and logs of pods. */
  readonly dataDir: string;
  /** A folder below which the runtime keeps images and the file systems of containers. */
  readonly imageDir: string;
  readonly config: KubeletConfiguration;
  /** Default: the login manager of the machine. */
  readonly shutdownSource?: ShutdownSource;
  /** First part of the path of every cgroup of this cluster. */
  readonly cgroupRoot: string;
  readonly clusterDns: string;
  readonly clusterDomain: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** Waited for before a deleted pod's containers are stopped. */
  readonly untilDrained?: (podIp: string) => Promise<void>;
  /** Waited for before a pod's containers are started. */
  readonly networkPolicies?: PodPolicies;
  /** Mounts images as volumes. */
  readonly imageMounts: ImageMounter;
}

/** What is begun before a real node, and outlives it. */
export interface MachineNodeParts {
  readonly machine: MachineFacts;
  readonly facts: NodeFacts;
  /** The machine's own resolv.conf. */
  readonly hostDns: DnsConfig;
  readonly root: KubeletRoot;
  readonly csi: Csi;
  readonly managers: ResourceManagers;
  readonly images: NodeImages;
  readonly objects: ObjectSource;
  readonly tokens: TokenCache;
  readonly leases: LeaseLoop;
  readonly events: EventRecorder;
  /** Of services that are begun after the node. */
  readonly serverMetrics: readonly Metric[];
}

export function machineNode(options: MachineNodeOptions, parts: MachineNodeParts): NodeOptions {
  const { env, client, informers, nodeName, dataDir, config, podNetwork } = options;
  const { untilDrained, networkPolicies } = options;
  const { machine, facts, csi, managers, images, objects, leases } = parts;
  const { cpus, memory, devices, claims, topology } = managers;
  const runtimeMetrics = new RuntimeMetrics();
  const runtime = runtimeMetrics.measured(runtimeWithCdi(options.runtime), env.clock);
  const mountMetrics = new ImageMountMetrics();
  const imageMounts = mountMetrics.measured(options.imageMounts);
  const setup = setupOf({ ...options, imageMounts }, parts);
  return {
    env,
    client,
    informers,
    facts,
    runtime,
    setup,
    hooks: hookRunner(env, runtime),
    runProbe: machineProbe(env, runtime),
    podSource: withStaticPods({ env, client, informers, nodeName, settings: config.staticPods }),
    objects,
    leases,
    swap: {
      behavior: config.swapBehavior,
      isCgroupV2: isCgroupV2(),
      memoryBytes: machine.memoryBytes,
      swapBytes: machine.swapBytes,
    },
    whenRegistered: () => csi.initialize(),
    volumesInUse: csi.volumesInUse,
    disk: () => diskUsage(dataDir),
    ...measuring(options, machine, runtime, setup),
    metrics: [
      ...runtimeMetrics.metrics,
      ...(setup.metrics ?? []),
      ...mountMetrics.metrics,
      ...csi.metrics,
      ...(images.providers?.metrics ?? []),
      ...managerMetrics(managers),
      ...parts.serverMetrics,
    ],
    configuration: kubeletConfiguration({ ...options, port: facts.port }),
    unsafeSysctls: config.unsafeSysctls,
    cpus,
    claims,
    devices,
    memory,
    topology,
    deviceSources: [claims.manager, devices],
    shutdown: {
      periods: config.shutdownPeriods,
      source: options.shutdownSource ?? { follow: followShutdown, delay: delayShutdown },
    },
    images,
    ...(podNetwork ? { podNetwork } : {}),
    ...(untilDrained ? { untilDrained } : {}),
    ...(networkPolicies ? { networkPolicies } : {}),
  };
}

function setupOf(options: MachineNodeOptions, parts: MachineNodeParts): PodSetup {
  const { env, client, dataDir, nodeIp, cgroupRoot, clusterDns, clusterDomain, config } = options;
  const { objects, tokens, root, facts, csi, events, hostDns } = parts;
  const { cpus } = parts.managers;
  return machineSetup({
    images: options.imageMounts,
    env,
    client,
    objects,
    tokens,
    dataDir,
    root,
    nodeIp,
    allocatable: facts.allocatable,
    cgroupRoot,
    pidsPerPodMax: config.pidsPerPodMax,
    hasExclusiveCpus: cpus && ((podUid) => cpus.hasExclusive(podUid)),
    dns: { clusterDns, clusterDomain, host: hostDns },
    plugins: [csi.plugin],
    events,
  });
}

/** What metrics and evictions go by. */
function measuring(
  { env, dataDir, imageDir, cgroupRoot, config }: MachineNodeOptions,
  facts: MachineFacts,
  runtime: Runtime,
  setup: PodSetup,
): Pick<NodeOptions, 'meter' | 'machineUsageOf' | 'eviction'> {
  const { clock } = env;
  const places = { dataDir, imageDir, podsCgroup: podsCgroup(cgroupRoot) };
  return {
    meter: (containers) =>
      new SampledMeter(
        clock,
        new CgroupReader({
          containers,
          listContainers: () => runtime.listContainers(),
          cgroupOf: (pod) => setup.cgroupParent(pod),
        }),
      ),
    machineUsageOf: (on) => new MachineUsage({ clock, facts, runtime, setup, ...places }, on),
    eviction: {
      rules: config.eviction,
      meter: new MachineEvictionMeter({ env, runtime, setup, ...places }),
    },
  };
}
