/** One node's kubelet without its doors: workers for its pods over one runtime, real or simulated. */

import { nodes, services } from '#api/generated/kinds.gen.ts';
import type { Node, PodStatus } from '#api/generated/types.gen.ts';
import type { Metric } from '#base/metrics/metric.ts';
import { createEventRecorder, type EventRecorder } from '#client/events/recorder.ts';
import type { Informer } from '#client/informers/informer.ts';
import { Evictions } from '../eviction/evictions.ts';
import { Preemption } from '../eviction/preemption/preemption.ts';
import { imagesInMemory, type NodeImages } from '../images/node-images.ts';
import { LogRotation } from '../machine/log-rotation.ts';
import type { NodePod } from '../pod/pod.ts';
import type { PodSetup } from '../runtime/machine.ts';
import { Relister } from '../runtime/pleg.ts';
import type { PodView } from '../runtime/pod-view.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { MachineUsage } from '../usage/machine.ts';
import { runningContainers } from '../usage/running-containers.ts';
import type { UsageMeter } from '../usage/usage.ts';
import { PodWorker, type WorkerParts } from '../worker/pod-worker.ts';
import { NodeAgent } from './agent.ts';
import { NodeGarbage } from './garbage.ts';
import type { NodeOptions } from './options.ts';
import { PodAdmission } from './pod-admission.ts';
import { PodAssignment } from './pod-assignment.ts';
import { PodWorkers } from './pod-workers.ts';
import { workerParts } from './worker-parts.ts';

/** What a node runs beside its workers, begun and ended with it. */
interface Service {
  start(): void;
  stop(): void;
}

export class KubeNode {
  readonly runtime: Runtime;
  readonly setup: PodSetup;
  /** What the node and its containers use. */
  readonly usage: UsageMeter;
  /** What only a real node has of it; undefined for a simulated node. */
  readonly machineUsage: MachineUsage | undefined;
  readonly #options: NodeOptions;
  readonly #ownNode: Informer<Node>;
  readonly #workers = new PodWorkers();
  readonly #parts: WorkerParts;
  readonly #agent: NodeAgent;
  readonly #admission: PodAdmission;
  readonly #evictions: Evictions;
  readonly #preemption: Preemption;
  readonly #garbage: NodeGarbage;
  readonly #services: readonly Service[];
  #unsubscribe: (() => void) | undefined;

  constructor(options: NodeOptions) {
    const { env, client, runtime, setup, facts } = options;
    this.#options = options;
    this.#ownNode = options.informers.for(nodes, { fieldSelector: `metadata.name=${facts.nodeName}` });
    this.runtime = runtime;
    this.setup = setup;
    const containers = () => runningContainers(this.pods(), (pod) => this.statusOf(pod));
    this.usage = options.meter(containers);
    this.machineUsage = options.machineUsageOf?.({ pods: () => this.pods(), containers });
    const events = createEventRecorder({ env, client, component: 'kubelet', host: facts.nodeName });
    const images = options.images ?? imagesInMemory();
    this.#parts = workerParts(options, {
      events,
      images,
      workers: this.#workers,
      deferResize: (resize) => this.#admission.deferResize(resize),
    });
    this.#evictions = this.#makeEvictions(events);
    this.#preemption = new Preemption({ env, events, pods: () => this.#workers.list() });
    this.#admission = this.#makeAdmission();
    this.#garbage = this.#makeGarbage(images);
    const pressures = () => this.#evictions.pressures;
    const problem = () => this.#evictions.problem;
    const node = () => this.#ownNode.get(undefined, facts.nodeName);
    this.#agent = new NodeAgent({ ...options, node, pressures, problem }, facts, events);
    const { logFiles } = setup;
    this.#services = [
      new Relister(env, runtime, (uid) => this.#workers.poke(uid)),
      ...(logFiles ? [new LogRotation(env, runtime, logFiles, () => this.pods())] : []),
      this.#evictions,
    ];
  }

  get name(): string {
    return this.#options.facts.nodeName;
  }

  /** As the Node's status has it, without what plugins add. */
  get capacity(): Readonly<Record<string, string>> {
    return this.#options.facts.capacity;
  }

  async start(): Promise<void> {
    const { informers, podSource } = this.#options;
    await this.#agent.start();
    // Without them a container would start with half of its environment.
    await informers.for(services).synced();
    await this.#ownNode.synced();
    for (const service of this.#services) service.start();
    this.#unsubscribe = podSource.subscribe(this.name, {
      onPod: (pod) => this.#onPod(pod),
      onGone: (pod) => this.#onGone(pod),
      isGone: (uid) => this.#workers.isGone(uid),
      onMirror: ({ metadata }) => this.#parts.statuses.sendAgain(metadata.uid),
    });
    const active = () => this.activePods();
    const synced = () => podSource.synced();
    this.#options.cpus?.start({ active, synced });
    this.#options.memory?.start({ active, synced });
    this.#options.devices?.start({
      active,
      synced,
      onHealth: (uid) => this.#workers.poke(uid),
      onAmounts: () => this.#agent.lookSoon(),
    });
    this.#options.claims?.start({
      isActive: (uid) => this.#workers.get(uid)?.hasEnded === false,
      poke: (uid) => this.#workers.poke(uid),
      synced: () => podSource.synced(),
    });
    this.#garbage.start();
  }

  /** Containers run on; the node's next kubelet finds them. */
  stop(): void {
    this.#unsubscribe?.();
    this.#agent.stop();
    for (const service of this.#services) service.stop();
    this.#options.cpus?.stop();
    this.#preemption.stop();
    this.#garbage.stop();
    this.#workers.stop();
    this.#parts.probes.stop();
    this.#parts.statuses.stop();
  }

  pods(): NodePod[] {
    return this.#workers.pods();
  }

  /** That may run containers now. */
  activePods(): NodePod[] {
    return this.#workers.roomTakers('');
  }

  get configuration(): object | undefined {
    return this.#options.configuration;
  }

  get metrics(): readonly Metric[] {
    const { containerMetrics } = this.#parts;
    const own = [containerMetrics, this.#evictions, this.#preemption].flatMap(({ metrics }) => metrics);
    return [...(this.#options.metrics ?? []), ...own];
  }

  /** Counted by the kernel of the machine. */
  async policyMetrics(): Promise<readonly Metric[]> {
    return (await this.#options.networkPolicies?.metrics()) ?? [];
  }

  get probeMetrics(): readonly Metric[] {
    return this.#parts.probes.metrics;
  }

  findPod(namespace: string, name: string, uid?: string): NodePod | undefined {
    return this.#workers.find(namespace, name, uid);
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
      if (pod.metadata.deletionTimestamp) this.#admission.abandon(pod.metadata.uid);
      return;
    }
    const created = new PodWorker(this.#parts, pod);
    this.#workers.add(pod.metadata.uid, created);
    this.#admission.admit(created);
  }

  #onGone({ metadata }: NodePod): void {
    this.#workers.get(metadata.uid)?.remove();
    this.#admission.abandon(metadata.uid);
  }

  #makeAdmission(): PodAdmission {
    const { env, client, facts, setup, unsafeSysctls = [], cpus, memory, devices, topology } = this.#options;
    return new PodAdmission({
      env,
      client,
      facts,
      workers: this.#workers,
      ownNode: this.#ownNode,
      appArmor: setup.security.appArmor,
      unsafeSysctls,
      assignment: new PodAssignment({ clock: env.clock, cpus, memory, devices, topology }),
      pinsCpus: cpus !== undefined,
      devices,
      pressures: () => this.#evictions.pressures,
      makeRoom: (pod, shortages) => this.#preemption.makeRoom(pod, shortages),
      isMakingRoom: () => this.#preemption.isBusy,
      closed: () => this.#evictions.rejection,
    });
  }

  #makeEvictions(events: EventRecorder): Evictions {
    const { env, runtime, setup } = this.#options;
    return new Evictions(this.#options, {
      env,
      runtime,
      setup,
      nodeName: this.name,
      events,
      pods: () => this.#workers.list(),
      reclaim: () => this.#garbage.reclaimDisk(),
      onShutdown: () => this.#agent.lookSoon(),
    });
  }

  #makeGarbage({ records, garbage: limits }: NodeImages): NodeGarbage {
    const { disk, podSource } = this.#options;
    const { env, runtime, setup, readView } = this.#parts;
    const images = disk && { disk, records, limits };
    return new NodeGarbage({ env, runtime, setup, readView, workers: this.#workers, podSource, images });
  }
}
