/** One node's kubelet without its doors: workers for its pods over one runtime, real or simulated. */

import type { ShutdownPeriod } from '#api/configuration/kubelet/shutdown-periods.ts';
import type { AllowedSysctl } from '#api/configuration/kubelet/unsafe-sysctls.ts';
import { nodes, pods, services } from '#api/generated/kinds.gen.ts';
import type { Node, PodStatus } from '#api/generated/types.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { findContainer } from '#api/pods/containers.ts';
import { isStaticPod } from '#api/pods/system-priority.ts';
import { BackOffs } from '#base/back-off.ts';
import type { Env } from '#base/env.ts';
import type { Metric } from '#base/metrics/metric.ts';
import { Repeater } from '#base/repeater.ts';
import type { Client } from '#client/client.ts';
import { createEventRecorder } from '#client/events/recorder.ts';
import type { Informer, Informers } from '#client/informers/informer.ts';
import { admitPod, deferResize, isNew } from './admission/admission.ts';
import type { Pressure } from './admission/pressure.ts';
import type { Rejection } from './admission/rejection.ts';
import type { SwapRules } from './decide/swap.ts';
import { EvictionManager, type EvictionRules } from './eviction/eviction-manager.ts';
import { NodeShutdown, type ShutdownSource } from './eviction/shutdown/node-shutdown.ts';
import { StorageEviction } from './eviction/storage-eviction.ts';
import { type DiskUsage, ImageGarbage } from './images/image-garbage.ts';
import { ImageManager } from './images/image-manager.ts';
import { imagesInMemory, type NodeImages } from './images/node-images.ts';
import { LogRotation } from './machine/log-rotation.ts';
import { NodeAgent, type ReportedVolumes } from './node/agent.ts';
import type { LeaseLoop } from './node/lease.ts';
import type { PodSource } from './node/pod-source.ts';
import type { NodeFacts } from './node/status.ts';
import type { ObjectSource } from './objects/object-source.ts';
import type { NodePod } from './pod/pod.ts';
import { restartLimits } from './pod/retries.ts';
import { Prober, type RunProbe } from './probes/prober.ts';
import type { PodSetup } from './runtime/machine.ts';
import type { NodeMeter } from './runtime/node-meter.ts';
import { Relister } from './runtime/pleg.ts';
import type { PodNetwork } from './runtime/pod-network.ts';
import { type PodView, readPodView } from './runtime/pod-view.ts';
import type { ContainerStatus, Runtime } from './runtime/runtime.ts';
import type { Machine, OnMachine } from './usage/machine.ts';
import { runningContainers } from './usage/running-containers.ts';
import type { MeterOf, RunningContainer, UsageMeter } from './usage/usage.ts';
import { collectGarbage, removeEndedContainers } from './worker/container-garbage.ts';
import type { HookRunner } from './worker/hooks.ts';

import { PodWorker, type WorkerParts } from './worker/pod-worker.ts';
import { StatusManager } from './worker/status-manager.ts';

export interface NodeOptions {
  readonly env: Env;
  readonly client: Client;
  readonly informers: Informers;
  readonly facts: NodeFacts;
  readonly runtime: Runtime;
  readonly setup: PodSetup;
  readonly hooks: HookRunner;
  readonly runProbe: RunProbe;
  readonly podSource: PodSource;
  readonly objects: ObjectSource;
  readonly leases: LeaseLoop;
  readonly swap: SwapRules;
  /** Of the disk that images lie on; without it none is ever removed. */
  readonly disk?: () => Promise<DiskUsage>;
  /** How images are pulled and removed; default as an empty configuration has it, with nothing on disk. */
  readonly images?: NodeImages;
  readonly podNetwork?: PodNetwork;
  /** Done between the registration of the Node and its first status: it is not ready before. */
  readonly whenRegistered?: () => Promise<void>;
  /** Without it no pod is ever evicted for what others use, and the node is never under pressure. */
  readonly eviction?: { readonly rules: EvictionRules; readonly meter: NodeMeter };
  /** What pods may set besides the safe ones; default nothing. */
  readonly unsafeSysctls?: readonly AllowedSysctl[];
  /** Without it, or without periods, pods are not ended before the machine goes down. */
  readonly shutdown?: { readonly periods: readonly ShutdownPeriod[]; readonly source: ShutdownSource };
  readonly meter: MeterOf;
  /** Absent where there is no machine. */
  readonly machineOf?: (on: OnMachine) => Machine;
  /** Of the parts that the node is given. */
  readonly metrics?: readonly Metric[];
  /** Upstream's KubeletConfiguration, as `/configz` shows it; absent for a node that has none. */
  readonly configuration?: object;
  /** Volumes that must not be detached from the node; without it none are reported. */
  readonly volumesInUse?: ReportedVolumes;
  /** Default: at once. */
  readonly untilDrained?: (podIp: string) => Promise<void>;
}

/** Of rejections by what the Node says. */
const reasonsOfNode = ['NodeAffinity', 'TaintToleration'];
const tidyIntervalMs = 60_000;

export class KubeNode {
  readonly runtime: Runtime;
  readonly setup: PodSetup;
  /** What the node and its containers use. */
  readonly usage: UsageMeter;
  /** Undefined for a simulated node. */
  readonly machine: Machine | undefined;
  readonly #options: NodeOptions;
  readonly #parts: WorkerParts;
  readonly #agent: NodeAgent;
  readonly #relister: Relister;
  readonly #workers = new Map<string, PodWorker>();
  readonly #ownNode: Informer<Node>;
  #unsubscribe: (() => void) | undefined;
  readonly #tidying: Repeater;
  #stopped = false;
  readonly #images: NodeImages;
  readonly #imageGarbage: ImageGarbage | undefined;
  readonly #logRotation: LogRotation | undefined;
  readonly #storageEviction: StorageEviction | undefined;
  readonly #evictions: EvictionManager | undefined;
  readonly #shutdown: NodeShutdown | undefined;

  constructor(options: NodeOptions) {
    this.#options = options;
    this.#ownNode = options.informers.for(nodes, { fieldSelector: `metadata.name=${this.name}` });
    this.runtime = options.runtime;
    this.setup = options.setup;
    this.usage = options.meter(() => this.#runningContainers());
    this.machine = options.machineOf?.({
      pods: () => this.pods(),
      containers: () => this.#runningContainers(),
    });
    const { env, runtime, disk } = options;
    this.#images = options.images ?? imagesInMemory();
    const { records, garbage: limits } = this.#images;
    this.#imageGarbage =
      disk && new ImageGarbage({ env, runtime, disk, records, limits, mounted: () => this.#mountedImages() });
    this.#parts = this.#makeParts();
    const { logFiles, storageUse } = options.setup;
    this.#storageEviction =
      storageUse && new StorageEviction(env, runtime, storageUse, () => [...this.#workers.values()]);
    this.#logRotation = logFiles && new LogRotation(env, runtime, logFiles, () => this.pods());
    this.#tidying = new Repeater(env.clock, tidyIntervalMs, () => this.#tidy());
    this.#evictions = this.#makeEvictions();
    this.#shutdown = this.#makeShutdown();
    const pressures = () => this.#pressures;
    const problem = () => this.#shutdown?.problem;
    this.#agent = new NodeAgent({ ...options, pressures, problem }, options.facts, this.#parts.events);
    this.#relister = new Relister(options.env, options.runtime, (uid) => this.#workers.get(uid)?.poke());
  }

  get name(): string {
    return this.#options.facts.nodeName;
  }

  async start(): Promise<void> {
    const { podSource } = this.#options;
    await this.#agent.start();
    // Without them a container would start with half of its environment.
    await this.#options.informers.for(services).synced();
    await this.#ownNode.synced();
    this.#relister.start();
    this.#logRotation?.start();
    this.#storageEviction?.start();
    this.#evictions?.start();
    this.#shutdown?.start();
    this.#unsubscribe = podSource.subscribe(this.name, {
      onPod: (pod) => this.#onPod(pod),
      onGone: (pod) => this.#workers.get(pod.metadata.uid)?.remove(),
      isGone: (uid) => this.#workers.get(uid)?.isGone !== false,
      onMirror: ({ metadata }) => this.#parts.statuses.sendAgain(metadata.uid),
    });
    this.#tidying.start(0);
  }

  /** Containers run on; the node's next kubelet finds them. */
  stop(): void {
    this.#stopped = true;
    this.#unsubscribe?.();
    this.#agent.stop();
    this.#relister.stop();
    this.#logRotation?.stop();
    this.#storageEviction?.stop();
    this.#evictions?.stop();
    this.#shutdown?.stop();
    this.#tidying.stop();
    for (const worker of this.#workers.values()) worker.stop();
    this.#parts.probes.stop();
    this.#parts.statuses.stop();
  }

  pods(): NodePod[] {
    return [...this.#workers.values()].filter((worker) => !worker.isGone).map((worker) => worker.pod);
  }

  get configuration(): object | undefined {
    return this.#options.configuration;
  }

  get metrics(): readonly Metric[] {
    return this.#options.metrics ?? [];
  }

  get probeMetrics(): readonly Metric[] {
    return this.#parts.probes.metrics;
  }

  #runningContainers(): RunningContainer[] {
    return runningContainers(this.pods(), (pod) => this.statusOf(pod));
  }

  findPod(namespace: string, name: string, uid?: string): NodePod | undefined {
    return this.pods().find(
      ({ metadata }) =>
        metadata.namespace === namespace && metadata.name === name && (!uid || metadata.uid === uid),
    );
  }

  readView(podUid: string): Promise<PodView> {
    return this.#parts.readView(podUid);
  }

  /** The newest status known here, which may not have reached the API server yet. */
  statusOf(pod: NodePod): PodStatus | undefined {
    return this.#parts.statuses.get(pod.metadata.uid) ?? pod.status;
  }

  #onPod(pod: NodePod): void {
    const worker = this.#workers.get(pod.metadata.uid);
    if (worker) {
      worker.update(pod);
      return;
    }
    const created = new PodWorker(this.#parts, pod);
    this.#workers.set(pod.metadata.uid, created);
    const rejection = isNew(pod) ? this.#judge(pod, this.#ownNode.get(undefined, this.name)) : undefined;
    if (rejection && reasonsOfNode.includes(rejection.reason)) {
      created.hold();
      void this.#judgeByNewNode(created);
      return;
    }
    if (rejection) created.fail({ cause: 'Rejected', ...rejection });
    created.poke();
  }

  #judge(pod: NodePod, node: Node | undefined): Rejection | undefined {
    const { facts, setup } = this.#options;
    if (this.#shutdown?.rejection) return this.#shutdown.rejection;
    return admitPod(pod, this.#roomTakers(pod.metadata.uid), {
      nodeName: facts.nodeName,
      allocatable: facts.allocatable,
      labels: node?.metadata?.labels ?? facts.labels,
      taints: node?.spec?.taints ?? [],
      pressures: this.#pressures,
      appArmor: setup.security.appArmor,
      unsafeSysctls: this.#options.unsafeSysctls ?? [],
    });
  }

  /** The node may have other labels and taints by now: they are read before a pod is refused for them. */
  async #judgeByNewNode(worker: PodWorker): Promise<void> {
    const { client, env } = this.#options;
    try {
      const rejection = this.#judge(worker.pod, await client.get(nodes, { name: this.name }));
      if (rejection) worker.fail({ cause: 'Rejected', ...rejection });
    } catch (error) {
      env.log.warn('a pod is taken without a look at its node', { error: String(error) });
    }
    worker.release();
  }

  /** All pods but this one that others must do without the room of. */
  #roomTakers(exceptUid: string): NodePod[] {
    return [...this.#workers]
      .filter(([uid, worker]) => uid !== exceptUid && worker.takesRoom)
      .map(([, worker]) => worker.pod);
  }

  /** Forgets finished workers and removes what no pod owns any more. */
  async #tidy(): Promise<void> {
    try {
      await this.#options.podSource.synced();
      for (const [uid, worker] of this.#workers) if (worker.isGone) this.#workers.delete(uid);
      if (this.#stopped) return;
      await collectGarbage(this.#parts, (uid) => this.#workers.has(uid));
      await this.setup.releaseDevices?.();
      await this.#imageGarbage?.collect();
    } catch (error) {
      this.#options.env.log.warn('the node could not be tidied', { error: String(error) });
    }
  }

  get #pressures(): ReadonlySet<Pressure> {
    return this.#evictions?.conditions ?? new Set();
  }

  #uidInApi(pod: NodePod): string | undefined {
    return isStaticPod(pod) ? this.#options.podSource.mirrorUid?.(pod) : pod.metadata.uid;
  }

  #makeEvictions(): EvictionManager | undefined {
    const { env, eviction } = this.#options;
    return (
      eviction &&
      new EvictionManager(eviction.rules, {
        env,
        nodeName: this.name,
        events: this.#parts.events,
        meter: eviction.meter,
        pods: () => [...this.#workers.values()],
        reclaim: () => this.#reclaimDisk(),
      })
    );
  }

  #makeShutdown(): NodeShutdown | undefined {
    const { env, shutdown } = this.#options;
    if (!shutdown || shutdown.periods.length === 0) return undefined;
    return new NodeShutdown(shutdown.periods, {
      env,
      nodeName: this.name,
      events: this.#parts.events,
      source: shutdown.source,
      pods: () => [...this.#workers.values()],
      onChange: () => this.#agent.lookSoon(),
    });
  }

  async #reclaimDisk(): Promise<void> {
    await collectGarbage(this.#parts, (uid) => this.#workers.has(uid));
    await removeEndedContainers(this.#parts, (uid) => this.#workers.get(uid)?.hasEnded === true);
    await this.#imageGarbage?.removeUnused();
  }

  /** Ids of the images that pods of this node have as volumes. */
  async #mountedImages(): Promise<string[]> {
    const volumes = this.pods().flatMap(({ spec }) => spec.volumes ?? []);
    const references = new Set(volumes.flatMap(({ image }) => image?.reference ?? []));
    const found = await Promise.all([...references].map((reference) => this.runtime.imageStatus(reference)));
    return found.flatMap((image) => image?.id ?? []);
  }

  #makeParts(): WorkerParts {
    const { env, client, informers, facts, runtime, setup, hooks, runProbe, objects, swap } = this.#options;
    const events = createEventRecorder({ env, client, component: 'kubelet', host: facts.nodeName });
    const serviceInformer = informers.for(services);
    return {
      env,
      nodeName: facts.nodeName,
      nodeIp: facts.nodeIp,
      runtime,
      setup,
      events,
      images: new ImageManager({
        env,
        runtime,
        events,
        objects,
        records: this.#images.records,
        pulls: this.#images,
      }),
      probes: new Prober(env, events, runProbe, (uid) => this.#workers.get(uid)?.poke()),
      hooks,
      statuses: new StatusManager(env, client, (pod) => this.#uidInApi(pod)),
      objects,
      restarts: new BackOffs(() => env.clock.now(), restartLimits),
      readView: (uid) => this.#readWithTerminationMessages(uid),
      deletePod: (pod) => deletePod(client, pod),
      deferResize: (pod) =>
        deferResize(pod, this.#roomTakers(pod.metadata.uid), {
          pressures: this.#pressures,
          allocatable: facts.allocatable,
        }),
      services: () => serviceInformer.list(),
      allocatable: () => facts.allocatable,
      swap,
      untilDrained: this.#options.untilDrained ?? (async () => undefined),
    };
  }

  async #readWithTerminationMessages(podUid: string): Promise<PodView> {
    const view = await readPodView(this.runtime, podUid);
    const pod = this.#workers.get(podUid)?.pod;
    if (!pod) return view;
    return {
      ...view,
      containers: await Promise.all(
        view.containers.map((container) => this.#withTerminationMessage(pod, container)),
      ),
    };
  }

  async #withTerminationMessage(pod: NodePod, status: ContainerStatus): Promise<ContainerStatus> {
    const container = findContainer(pod.spec, status.name);
    if (status.state !== 'exited' || !container) return status;
    return { ...status, terminationMessage: await this.setup.terminationMessage(pod, container, status) };
  }
}

async function deletePod(client: Client, pod: NodePod): Promise<void> {
  const { namespace = '', name, uid } = pod.metadata;
  try {
    await client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } });
  } catch (error) {
    if (!(error instanceof StatusError && (error.code === 404 || error.code === 409))) throw error;
  }
}
