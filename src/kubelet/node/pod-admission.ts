/** Admits the pods that are bound to a node, or fails them; says whether a resize has to wait. */

import type { AllowedSysctl } from '#api/configuration/kubelet/unsafe-sysctls.ts';
import { nodes } from '#api/generated/kinds.gen.ts';
import type { Node } from '#api/generated/types.gen.ts';
import { isCriticalPod } from '#api/pods/system-priority.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import type { Informer } from '#client/informers/informer.ts';
import { admitAssigned, admitUnassigned, deferResize, isNew, type Offer } from '../admission/admission.ts';
import { pinnedResize } from '../admission/pinned-resize.ts';
import type { Pressure } from '../admission/pressure.ts';
import type { Rejection } from '../admission/rejection.ts';
import { type PendingResize, resizesAhead } from '../admission/resize-order.ts';
import { type Shortage, shortages } from '../admission/room.ts';
import type { DevicePlugins } from '../devices/plugins/device-plugins.ts';
import type { NodePod } from '../pod/pod.ts';
import type { PodWorker } from '../worker/pod-worker.ts';
import { allocatableFor } from './extended-resources.ts';
import type { PodAssignment } from './pod-assignment.ts';
import type { PodWorkers } from './pod-workers.ts';
import type { NodeFacts } from './status.ts';

export interface PodAdmissionParts {
  readonly env: Env;
  readonly client: Client;
  readonly facts: NodeFacts;
  readonly workers: PodWorkers;
  readonly ownNode: Informer<Node>;
  /** Whether the kernel enforces AppArmor profiles. */
  readonly appArmor: boolean;
  readonly unsafeSysctls: readonly AllowedSysctl[];
  readonly assignment: PodAssignment;
  /** Whether containers have processors for themselves. */
  readonly pinsCpus: boolean;
  readonly devices: DevicePlugins | undefined;
  pressures(): ReadonlySet<Pressure>;
  /** Ends other pods for a critical one; resolves with the reason why there is no room all the same. */
  makeRoom(
    pod: NodePod,
    shortages: (waiting: ReadonlySet<string>) => readonly Shortage[],
  ): Promise<Rejection | undefined>;
  /** Room is being made for critical pods: one that comes now waits for its turn. */
  isMakingRoom(): boolean;
  /** Why the node admits no pod at all; undefined when it does. */
  closed(): Rejection | undefined;
}

/** Reasons of rejections that depend on labels and taints of the Node. */
const reasonsOfNode = ['NodeAffinity', 'TaintToleration'];

export class PodAdmission {
  readonly #parts: PodAdmissionParts;
  /** Of the pods that wait for plugins, by uid. */
  readonly #waiting = new Map<string, AbortController>();

  constructor(parts: PodAdmissionParts) {
    this.#parts = parts;
  }

  /** Lets the worker of a pod take its first step, unless the pod is new and is rejected. */
  admit(worker: PodWorker): void {
    if (mayStay(worker) && this.#parts.assignment.asksPlugins(worker.pod)) {
      worker.hold();
      void this.#admitByPlugins(worker);
      return;
    }
    const rejection = isNew(worker.pod) ? this.#judge(worker.pod, this.#node) : this.#assignAgain(worker);
    this.#conclude(worker, rejection);
  }

  /** The pod has to end: no plugin is waited for. */
  abandon(podUid: string): void {
    this.#waiting.get(podUid)?.abort();
  }

  #conclude(worker: PodWorker, rejection: Rejection | undefined): void {
    if (rejection && reasonsOfNode.includes(rejection.reason)) {
      worker.hold();
      void this.#judgeByNewNode(worker);
      return;
    }
    if (!rejection && isNew(worker.pod) && this.#needsRoom(worker.pod)) {
      worker.hold();
      void this.#makeRoom(worker);
      return;
    }
    if (rejection) worker.fail({ cause: 'Rejected', ...rejection });
    worker.release();
    worker.poke();
  }

  async #admitByPlugins(worker: PodWorker): Promise<void> {
    const { pod } = worker;
    const { uid } = pod.metadata;
    const waiting = new AbortController();
    this.#waiting.set(uid, waiting);
    let rejection = isNew(pod) ? this.#judgeUnassigned(pod) : undefined;
    rejection ??= await this.#parts.assignment.assignByPlugins(pod, waiting.signal);
    this.#waiting.delete(uid);
    if (!worker.mayRun) rejection = undefined;
    else if (isNew(pod)) rejection ??= this.#judgeAssigned(pod, this.#node);
    this.#conclude(worker, rejection);
  }

  /** Why a resize of the pod cannot be granted now. Those that come before it and fit have their room first. */
  deferResize(resize: PendingResize): Rejection | undefined {
    const { workers, facts, pressures, pinsCpus } = this.#parts;
    const { allocatable } = facts;
    const { pod } = resize;
    const infeasible = pinsCpus && pinnedResize(pod, workers.get(pod.metadata.uid)?.pod);
    if (infeasible) return infeasible;
    const offer = { pressures: pressures(), allocatable };
    const { uid } = pod.metadata;
    let pods = [...workers.roomTakers(uid), resize.granted];
    for (const ahead of resizesAhead(resize, workers.deferredResizes(uid))) {
      const others = pods.filter(({ metadata }) => metadata.uid !== ahead.pod.metadata.uid);
      if (deferResize(ahead.pod, others, offer)) continue;
      pods = [...others, ahead.pod];
      workers.poke(ahead.pod.metadata.uid);
    }
    const others = pods.filter(({ metadata }) => metadata.uid !== uid);
    return deferResize(pod, others, offer);
  }

  /** A pod of an earlier kubelet keeps its processors; without those it was promised it fails, as upstream. */
  #assignAgain(worker: PodWorker): Rejection | undefined {
    return mayStay(worker) ? this.#parts.assignment.assign(worker.pod) : undefined;
  }

  #judge(pod: NodePod, node: Node | undefined): Rejection | undefined {
    return this.#judgeUnassigned(pod) ?? this.#parts.assignment.assign(pod) ?? this.#judgeAssigned(pod, node);
  }

  #judgeUnassigned(pod: NodePod): Rejection | undefined {
    return this.#parts.closed() ?? admitUnassigned(pod, this.#offer(pod, this.#node));
  }

  #judgeAssigned(pod: NodePod, node: Node | undefined): Rejection | undefined {
    const others = this.#parts.workers.roomTakers(pod.metadata.uid);
    return admitAssigned(pod, others, this.#offer(pod, node));
  }

  #offer(pod: NodePod, node: Node | undefined): Offer {
    const { facts, pressures, appArmor, unsafeSysctls } = this.#parts;
    return {
      nodeName: facts.nodeName,
      allocatable: this.#allocatable(pod, node),
      labels: node?.metadata?.labels ?? facts.labels,
      taints: node?.spec?.taints ?? [],
      pressures: pressures(),
      appArmor,
      unsafeSysctls,
    };
  }

  #allocatable(pod: NodePod, node: Node | undefined): Record<string, string> {
    const { facts, devices } = this.#parts;
    const ofDevices = devices?.amounts().allocatable ?? {};
    const least = devices?.allocatedAmounts(pod.metadata.uid) ?? {};
    return allocatableFor(node?.status, facts.allocatable, ofDevices, least);
  }

  get #node(): Node | undefined {
    return this.#parts.ownNode.get(undefined, this.#parts.facts.nodeName);
  }

  /** The cached Node may be older than the pod's binding: it is read again before the pod is rejected for it. */
  async #judgeByNewNode(worker: PodWorker): Promise<void> {
    const { client, env, facts } = this.#parts;
    try {
      const rejection = this.#judge(worker.pod, await client.get(nodes, { name: facts.nodeName }));
      if (rejection) worker.fail({ cause: 'Rejected', ...rejection });
    } catch (error) {
      env.log.warn('a pod is taken without a look at its node', { error: String(error) });
    }
    await this.#makeRoom(worker);
  }

  /** Only a critical pod comes here when there is too little room for it; then the worker of the pod may begin. */
  async #makeRoom(worker: PodWorker): Promise<void> {
    if (worker.mayRun && this.#needsRoom(worker.pod)) {
      const rejection = await this.#parts.makeRoom(worker.pod, (waiting) =>
        worker.mayRun ? this.#shortages(worker.pod, waiting) : [],
      );
      if (rejection && worker.mayRun) worker.fail({ cause: 'Rejected', ...rejection });
    }
    worker.release();
  }

  /** Room is made for critical pods alone: of all others nothing is missing here. */
  #needsRoom(pod: NodePod): boolean {
    if (!isCriticalPod(pod)) return false;
    return this.#parts.isMakingRoom() || this.#shortages(pod, new Set()).length > 0;
  }

  #shortages(pod: NodePod, waiting: ReadonlySet<string>): Shortage[] {
    const takers = this.#parts.workers.roomTakers(pod.metadata.uid);
    const others = takers.filter(({ metadata }) => !waiting.has(metadata.uid));
    return shortages(pod, others, this.#allocatable(pod, this.#node));
  }
}

function mayStay({ pod, takesRoom }: PodWorker): boolean {
  return takesRoom && !pod.metadata.deletionTimestamp;
}
