/**
 * A real node's kubelet: its pods in containers of this machine, its server for logs, exec and port-forward.
 */

import type { KubeletConfiguration } from '#api/configuration/kubelet/kubelet-configuration.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { createEventRecorder } from '#client/events/recorder.ts';
import type { Informers } from '#client/informers/informer.ts';
import { ensureDirectory, readStart } from '#host/files/files.ts';
import { isCgroupV2 } from '#host/kernel/capabilities.ts';
import { KernelLog } from '#host/kernel/kernel-log.ts';
import { diskUsage, type MachineFacts, machineFacts } from '#host/kernel/machine-facts.ts';
import { makeRShared, mountTmpfs } from '#host/kernel/mounts.ts';
import { processRoom } from '#host/kernel/node-signals.ts';
import { delayShutdown, followShutdown } from '#host/processes/logind.ts';
import { parseResolvConf } from './config/dns-config.ts';
import { startCsi } from './csi/start-csi.ts';
import type { ShutdownSource } from './eviction/shutdown/node-shutdown.ts';
import { openNodeImages } from './images/node-images.ts';
import type { NodeRegistries } from './images/node-registries.ts';
import { machineSetup } from './machine/machine-setup.ts';
import { MachineMeter } from './machine/node-meter.ts';
import { podsCgroup } from './machine/pod-cgroups.ts';
import { PodPaths } from './machine/pod-paths.ts';
import { limitPods } from './machine/pods-limit.ts';
import { allocatableOf, excessiveReservation, withoutReserved } from './node/allocatable.ts';
import { kubeletConfiguration } from './node/kubelet-configuration.ts';
import { LeaseLoop } from './node/lease.ts';
import { withStaticPods } from './node/static/with-static-pods.ts';
import type { NodeFacts } from './node/status.ts';
import { watchSystemOom } from './node/system-oom.ts';
import { KubeNode } from './node.ts';
import { watchingObjectSource } from './objects/object-source.ts';
import { KubeletRoot } from './paths/kubelet-root.ts';
import { machineProbe } from './probes/machine-probe.ts';
import { RuntimeMetrics } from './runtime/measured-runtime.ts';
import type { PodNetwork } from './runtime/pod-network.ts';
import type { Runtime } from './runtime/runtime.ts';
import { type KubeletServerOptions, startKubeletServer } from './server/server.ts';
import { CgroupReader } from './usage/cgroup-reader.ts';
import { Machine } from './usage/machine.ts';
import { SampledMeter } from './usage/sampled-meter.ts';
import type { ImageMounter } from './volumes/images/image.ts';
import { hookRunner } from './worker/hooks.ts';

export interface KubeletOptions {
  readonly env: Env;
  readonly client: Client;
  readonly informers: Informers;
  readonly nodeName: string;
  readonly nodeIp: string;
  readonly runtime: Runtime;
  readonly podNetwork?: PodNetwork;
  readonly registries?: NodeRegistries;
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
  readonly labels?: Record<string, string>;
  /** Waited for before a deleted pod's containers are stopped. */
  readonly untilDrained?: (podIp: string) => Promise<void>;
  /** Mounts images as volumes. */
  readonly imageMounts: ImageMounter;
  readonly server: Omit<KubeletServerOptions, 'env' | 'client' | 'nodes'>;
}

export interface Kubelet {
  readonly port: number;
  readonly node: KubeNode;
  /** Containers run on. */
  stop(): Promise<void>;
}

export async function startKubelet(options: KubeletOptions): Promise<Kubelet> {
  const { env, client, informers, nodeName, nodeIp, dataDir } = options;
  const runtimeMetrics = new RuntimeMetrics();
  const runtime = runtimeMetrics.measured(options.runtime, env.clock);
  await ensureDirectory(dataDir, 0o700);
  await makeRShared(dataDir);
  const { memory } = new PodPaths(dataDir);
  await ensureDirectory(memory, 0o700);
  await mountTmpfs(memory, { mode: '0700' });
  const images = await openNodeImages(env, options.config.images, dataDir, options.registries);
  const machine = machineFacts(dataDir);
  const nodes: KubeNode[] = [];
  const server = await startKubeletServer({ ...options.server, env, client, nodes: () => nodes });
  const leases = new LeaseLoop(env);
  const objects = watchingObjectSource(env, client);
  const facts = factsOf(options, machine, server.port);
  const host = parseResolvConf(await readStart('/etc/resolv.conf', 64 * 1024));
  const dns = { clusterDns: options.clusterDns, clusterDomain: options.clusterDomain, host };
  const { allocatable } = facts;
  const { cgroupRoot, config } = options;
  const pods = podsCgroup(cgroupRoot);
  const events = createEventRecorder({ env, client, component: 'kubelet', host: nodeName });
  const root = new KubeletRoot(dataDir);
  const csi = await startCsi({ env, client, informers, nodeName, root });
  const setup = machineSetup({
    images: options.imageMounts,
    env,
    client,
    objects,
    dataDir,
    root,
    nodeIp,
    allocatable,
    cgroupRoot,
    pidsPerPodMax: config.pidsPerPodMax,
    dns,
    plugins: [csi.plugin],
    events,
  });
  const node = new KubeNode({
    env,
    client,
    informers,
    facts,
    runtime,
    setup,
    hooks: hookRunner(env, runtime),
    runProbe: machineProbe(env, runtime),
    podSource: withStaticPods({ env, client, informers, nodeName, ...config.staticPods }),
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
    meter: (containers) =>
      new SampledMeter(
        env.clock,
        new CgroupReader({
          containers,
          listContainers: () => runtime.listContainers(),
          cgroupOf: (pod) => setup.cgroupParent(pod),
        }),
      ),
    machineOf: (on) =>
      new Machine(
        {
          clock: env.clock,
          facts: machine,
          runtime,
          setup,
          dataDir,
          imageDir: options.imageDir,
          podsCgroup: pods,
        },
        on,
      ),
    metrics: runtimeMetrics.metrics,
    configuration: kubeletConfiguration({ ...options, port: server.port }),
    unsafeSysctls: config.unsafeSysctls,
    shutdown: {
      periods: config.shutdownPeriods,
      source: options.shutdownSource ?? { follow: followShutdown, delay: delayShutdown },
    },
    eviction: {
      rules: config.eviction,
      meter: new MachineMeter({ env, runtime, setup, dataDir, imageDir: options.imageDir, podsCgroup: pods }),
    },
    images,
    ...(options.podNetwork ? { podNetwork: options.podNetwork } : {}),
    ...(options.untilDrained ? { untilDrained: options.untilDrained } : {}),
  });
  nodes.push(node);
  await node.start();
  await csi.register();
  const stopLimiting = limitPods({
    env,
    events,
    nodeName,
    cgroup: pods,
    limits: await podsLimits(config, facts.capacity),
  });
  const kernelLog = await KernelLog.open();
  const stopOoms = kernelLog && watchSystemOom({ env, events, nodeName, messages: () => kernelLog.next() });
  return {
    port: server.port,
    node,
    async stop() {
      stopLimiting();
      stopOoms?.();
      await kernelLog?.close();
      node.stop();
      await csi.stop();
      leases.stop();
      objects.stop();
      await server.stop();
    },
  };
}

/** None where the control group of the pods is not to be limited. */
async function podsLimits(
  { enforcesPods, reserved }: KubeletConfiguration,
  capacity: Record<string, string>,
): Promise<Record<string, string>> {
  const { cpu = '0', memory = '0' } = capacity;
  if (!enforcesPods) return { cpu };
  const pid = String((await processRoom()).capacity);
  return withoutReserved({ cpu, memory, pid }, reserved);
}

function factsOf(options: KubeletOptions, machine: MachineFacts, port: number): NodeFacts {
  const { nodeName, nodeIp, labels, config } = options;
  const kibibytes = (bytes: number) => (bytes === 0 ? '0' : `${Math.floor(bytes / 1024)}Ki`);
  const capacity = {
    cpu: String(machine.cpus),
    memory: kibibytes(machine.memoryBytes),
    'ephemeral-storage': kibibytes(machine.diskBytes),
    pods: String(config.podsMax),
    // Listed even when there are none, as upstream.
    ...Object.fromEntries(
      machine.hugePages.map(({ size, bytes }) => [`hugepages-${size}`, kibibytes(bytes)]),
    ),
  };
  const { reserved, eviction } = config;
  const excess = excessiveReservation(capacity, reserved, eviction.thresholds);
  if (excess) throw new Error(`invalid Node Allocatable configuration. ${excess}`);
  return {
    nodeName,
    nodeIp,
    port,
    labels: {
      'kubernetes.io/hostname': nodeName,
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': machine.architecture,
      'beta.kubernetes.io/os': 'linux',
      'beta.kubernetes.io/arch': machine.architecture,
      ...labels,
    },
    capacity,
    allocatable: allocatableOf(capacity, reserved, eviction.thresholds),
    system: {
      machineID: machine.machineId,
      systemUUID: machine.systemUuid,
      bootID: machine.bootId,
      kernelVersion: machine.kernelVersion,
      osImage: machine.osImage,
      architecture: machine.architecture,
      ...(machine.swapBytes > 0 ? { swap: { capacity: machine.swapBytes } } : {}),
    },
  };
}
