/**
 * Devices that device plugins bring to a node: who has which, and what containers are given for them. Upstream:
 * pkg/kubelet/cm/devicemanager/manager.go.
 *
 *   1. a plugin registers and lists devices: the node's capacity and allocatable
 *   2. devices are chosen and the plugin allocates them when a pod is admitted; they are on disk before a container is made
 *   3. a container is given what the plugin answered, at each of its creations
 *   4. devices of pods that have ended are free again when the next container needs some
 */

import type { ResourceStatus } from '#api/generated/types.gen.ts';
import type { AnyContainer } from '#api/pods/containers.ts';
import type { Env } from '#base/env.ts';
import type { Metric } from '#base/metrics/metric.ts';
import type { ServiceServer } from '../../grpc/service-server.ts';
import type { KubeletRoot } from '../../paths/kubelet-root.ts';
import { ActivePods, type PodsOfNode } from '../../pod/active-pods.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { PluginHandler } from '../../registration/plugin-handler.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { HintProvider } from '../../topology/hint.ts';
import type { NumaMask } from '../../topology/numa-mask.ts';
import type { ContainerDevices, DeviceSource } from '../container-devices.ts';
import { Allocations, idsOf, nodesOfDevices } from './allocations.ts';
import type { Amounts } from './amounts.ts';
import { CheckpointFile } from './checkpoint/file.ts';
import type { PlacedDevice } from './device.ts';
import { DeviceAllocator } from './device-allocator.ts';
import { givenDevices } from './given.ts';
import { DeviceHintProvider } from './hint-provider.ts';
import { DeviceMetrics } from './metrics.ts';
import { PluginResources } from './plugin-resources.ts';
import { checkPromised, checkSameCount } from './promised.ts';
import { type ConnectPlugin, devicePluginHandler, serveRegistration } from './registration.ts';
import { deviceRequests } from './requests.ts';

export interface DevicePluginsParts {
  readonly env: Env;
  readonly root: KubeletRoot;
  readonly runtime: Pick<Runtime, 'listContainers'>;
  /** Of the machine. */
  readonly numaNodes: readonly number[];
}

export interface DevicePods extends PodsOfNode {
  /** The health of a device of the pod has changed. */
  onHealth(podUid: string): void;
  /** What the node's status says of resources has changed. */
  onAmounts(): void;
}

export class DevicePlugins implements DeviceSource {
  /** For the topology manager. */
  readonly hintProvider: HintProvider;
  readonly #parts: DevicePluginsParts;
  readonly #file: CheckpointFile;
  readonly #resources: PluginResources;
  readonly #allocations: Allocations;
  readonly #metrics = new DeviceMetrics();
  readonly #allocator: DeviceAllocator;
  readonly #pods = new ActivePods();
  /** The uids of pods with containers that an earlier kubelet has started. */
  #runningBefore: ReadonlySet<string> = new Set();
  #listener: Pick<DevicePods, 'onHealth' | 'onAmounts'> | undefined;
  #server: ServiceServer | undefined;
  readonly #connect: ConnectPlugin = (...plugin) => this.#resources.connect(...plugin);

  private constructor(parts: DevicePluginsParts, file: CheckpointFile) {
    this.#parts = parts;
    this.#file = file;
    this.#allocations = new Allocations(file.restored.allocations);
    this.#allocator = new DeviceAllocator(parts.env.clock, this.#allocations, this.#metrics);
    this.#resources = new PluginResources(parts.env, file.restored.registered.keys(), {
      onDevices: (...listed) => this.#onDevices(...listed),
      onGone: () => this.#listener?.onAmounts(),
    });
    this.hintProvider = new DeviceHintProvider({
      allocations: this.#allocations,
      numaNodes: parts.numaNodes,
      resource: (name) => this.#resources.get(name),
      isOfPlugin: (name) => this.#isOfPlugin(name),
      inUse: (name) => this.#allocator.inUse(name),
      releaseEnded: () => this.#releaseEnded(),
    });
  }

  static async open(parts: DevicePluginsParts): Promise<DevicePlugins> {
    const folder = parts.root.machineDir('device-plugins');
    return new DevicePlugins(parts, await CheckpointFile.open(parts.env, folder));
  }

  /** Registers plugins from now on. */
  async serve(): Promise<void> {
    const { env, root, runtime } = this.#parts;
    try {
      const containers = await runtime.listContainers();
      const running = containers.filter(({ state }) => state === 'running');
      this.#runningBefore = new Set(running.map(({ podUid }) => podUid));
    } catch (error) {
      env.log.warn('containers could not be listed for their devices', { error: String(error) });
    }
    const folder = root.machineDir('device-plugins');
    const onRequest = (resource: string) => this.#metrics.registered(resource);
    this.#server = await serveRegistration(folder, this.#connect, onRequest);
  }

  start(pods: DevicePods): void {
    this.#listener = pods;
    this.#pods.follow(pods);
  }

  /** Plugins and devices stay for the next life of the kubelet. */
  async stop(): Promise<void> {
    await this.#server?.close();
    await this.#resources.stop();
    await this.#file.written();
  }

  get handler(): PluginHandler {
    return devicePluginHandler(this.#connect);
  }

  get metrics(): readonly Metric[] {
    return this.#metrics.metrics;
  }

  /** False on a node that no device plugin was ever on: extended resources of its Node are of an earlier machine. */
  get isKnownNode(): boolean {
    return this.#file.existed;
  }

  /** What the node's status says. */
  amounts(): Amounts {
    const { amounts, removed } = this.#resources.amounts();
    if (removed) this.#save();
    return amounts;
  }

  /** At least what the node must have for pods to stay whose devices are not healthy any more. */
  allocatedAmounts(podUid: string): Record<string, number> {
    if (!this.#allocations.hasPod(podUid)) return {};
    const names = new Set(this.#allocations.entries().map(({ resource }) => resource));
    return Object.fromEntries(Array.from(names, (name) => [name, this.#allocator.inUse(name).size]));
  }

  /** Whether the pod requests devices of a plugin. */
  wants(pod: NodePod): boolean {
    const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
    return containers.some((container) => this.#requests(pod, container).size > 0);
  }

  /**
   * Allocates the container what it has not got yet. `affinity` is of the topology manager. The devices are chosen in
   * the turn of the call, if the plugin need not be asked for preferences. Rejects, with upstream's words, when it
   * cannot have them.
   */
  async allocate(
    pod: NodePod,
    container: AnyContainer,
    affinity: NumaMask | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    for (const [name, count] of this.#requests(pod, container)) {
      this.#releaseEnded();
      const { uid } = pod.metadata;
      const resource = this.#resources.get(name);
      const own = this.#allocations.ids(uid, container.name, name);
      checkSameCount({ podUid: uid, container: container.name, resource: name }, own, count);
      if (!this.#pods.areKnown && this.#runningBefore.has(uid)) continue;
      checkPromised(name, resource, own);
      if (own || !resource) continue;
      await this.#allocator.allocate({ pod, container, resource, count, affinity, signal });
      this.#save();
    }
  }

  async devicesOf(
    pod: NodePod,
    container: AnyContainer,
    signal: AbortSignal,
  ): Promise<ContainerDevices | undefined> {
    const { uid } = pod.metadata;
    const requests = this.#requests(pod, container);
    for (const name of requests.keys()) {
      const endpoint = this.#resources.get(name)?.endpoint;
      await this.#allocator.preStart({ podUid: uid, container: container.name, name, endpoint, signal });
    }
    const isActive = this.#pods.uids().has(uid);
    const lacks = [...requests.keys()].some((name) => !this.#allocations.ids(uid, container.name, name));
    // A race of a start of the kubelet with a plugin's registration.
    if (isActive && lacks) await this.allocate(pod, container, undefined, signal);
    await this.#file.saved();
    const allocations = [...this.#allocations.of(uid, container.name).values()];
    if (allocations.length === 0) return undefined;
    const given = givenDevices(allocations.map(({ answer }) => answer));
    const { root } = this.#parts;
    return { ...given, mounts: given.mounts.map((m) => ({ ...m, hostPath: root.toMachine(m.hostPath) })) };
  }

  /** What the container has now. Devices of pods that have ended are free then. */
  allocated(podUid: string, container: string): PlacedDevice[] {
    this.#releaseEnded();
    return Array.from(this.#allocations.of(podUid, container)).flatMap(([resource, allocation]) =>
      Array.from(nodesOfDevices(allocation), ([id, numaNodes]) => ({ resource, id, numaNodes })),
    );
  }

  /** All healthy ones. */
  allocatable(): PlacedDevice[] {
    const listed = this.#resources.listed();
    return listed.flatMap(({ name: resource, healthy }) =>
      Array.from(healthy.values(), ({ id, numaNodes }) => ({ resource, id, numaNodes })),
    );
  }

  healthOf({ metadata }: NodePod, container: AnyContainer): ResourceStatus[] {
    return this.#resources.healthOf(this.#allocations.of(metadata.uid, container.name));
  }

  #requests(pod: NodePod, container: AnyContainer): Map<string, number> {
    return deviceRequests(pod, container, (name) => this.#isOfPlugin(name));
  }

  #isOfPlugin(name: string): boolean {
    return (
      this.#resources.get(name)?.isListed === true ||
      this.#allocations.entries().some(({ resource }) => resource === name)
    );
  }

  #releaseEnded(): void {
    for (const podUid of this.#pods.endedOf(this.#allocations.podUids())) this.#allocations.release(podUid);
  }

  #onDevices(name: string, changed: ReadonlySet<string>): void {
    for (const { podUid, resource, allocation } of this.#allocations.entries()) {
      if (resource !== name || idsOf(allocation).isDisjointFrom(changed)) continue;
      this.#listener?.onHealth(podUid);
    }
    this.#save();
    this.#listener?.onAmounts();
  }

  #save(): void {
    this.#file.save({
      allocations: this.#allocations.entries(),
      registered: new Map(this.#resources.listed().map(({ name, healthy }) => [name, [...healthy.keys()]])),
    });
  }
}
