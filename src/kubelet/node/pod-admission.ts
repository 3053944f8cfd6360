/** Admits the pods that are bound to a node, or fails them; says whether a resize has to wait. */

import type { AllowedSysctl } from '#api/configuration/kubelet/unsafe-sysctls.ts';
import { nodes } from '#api/generated/kinds.gen.ts';
import type { Node } from '#api/generated/types.gen.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import type { Informer } from '#client/informers/informer.ts';
import { admitPod, deferResize, isNew } from '../admission/admission.ts';
import { pinnedResize } from '../admission/pinned-resize.ts';
import type { Pressure } from '../admission/pressure.ts';
import type { Rejection } from '../admission/rejection.ts';
import { type Shortage, shortages } from '../admission/room.ts';
import type { NodePod } from '../pod/pod.ts';
import type { PodWorker } from '../worker/pod-worker.ts';
import type { CpuManager } from './cpus/cpu-manager.ts';
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
  /** Absent where containers use all processors. */
  readonly cpus: CpuManager | undefined;
  pressures(): ReadonlySet<Pressure>;
  /** Ends other pods for a critical one; resolves with the reason why there is no room all the same. */
  makeRoom(pod: NodePod, shortages: () => readonly Shortage[]): Promise<Rejection | undefined>;
  /** Why the node admits no pod at all; undefined when it does. */
  closed(): Rejection | undefined;
}

/** Reasons of rejections that depend on labels and taints of the Node. */
const reasonsOfNode = ['NodeAffinity', 'TaintToleration'];

export class PodAdmission {
  readonly #parts: PodAdmissionParts;

  constructor(parts: PodAdmissionParts) {
    this.#parts = parts;
  }

  /** Lets the worker of a pod take its first step, unless the pod is new and is rejected. */
  admit(worker: PodWorker): void {
    const { ownNode, facts } = this.#parts;
    const rejection = isNew(worker.pod)
      ? this.#judge(worker.pod, ownNode.get(undefined, facts.nodeName))
      : this.#assignAgain(worker);
    if (rejection && reasonsOfNode.includes(rejection.reason)) {
      worker.hold();
      void this.#judgeByNewNode(worker);
      return;
    }
    if (!rejection && isNew(worker.pod) && this.#shortages(worker.pod).length > 0) {
      worker.hold();
      void this.#makeRoom(worker);
      return;
    }
    if (rejection) worker.fail({ cause: 'Rejected', ...rejection });
    worker.poke();
  }

  /** Why a resize of the pod cannot be granted now. */
  deferResize(pod: NodePod): Rejection | undefined {
    const { workers, facts, pressures, cpus } = this.#parts;
    const { allocatable } = facts;
    const infeasible = cpus && pinnedResize(pod, workers.get(pod.metadata.uid)?.pod);
    if (infeasible) return infeasible;
    return deferResize(pod, workers.roomTakers(pod.metadata.uid), { pressures: pressures(), allocatable });
  }

  /** A pod of an earlier kubelet keeps its processors; without those it was promised it fails, as upstream. */
  #assignAgain({ pod, takesRoom }: PodWorker): Rejection | undefined {
    return takesRoom && !pod.metadata.deletionTimestamp ? this.#parts.cpus?.admit(pod) : undefined;
  }

  #judge(pod: NodePod, node: Node | undefined): Rejection | undefined {
    const { facts, workers, pressures, closed, appArmor, unsafeSysctls, cpus } = this.#parts;
    return (
      closed() ??
      admitPod(pod, workers.roomTakers(pod.metadata.uid), {
        nodeName: facts.nodeName,
        allocatable: facts.allocatable,
        labels: node?.metadata?.labels ?? facts.labels,
        taints: node?.spec?.taints ?? [],
        pressures: pressures(),
        appArmor,
        unsafeSysctls,
        assignCpus: cpus && (() => cpus.admit(pod)),
      })
    );
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
    const shortagesNow = () => (worker.mayRun ? this.#shortages(worker.pod) : []);
    if (shortagesNow().length > 0) {
      const rejection = await this.#parts.makeRoom(worker.pod, shortagesNow);
      if (rejection && worker.mayRun) worker.fail({ cause: 'Rejected', ...rejection });
    }
    worker.release();
  }

  #shortages(pod: NodePod): Shortage[] {
    const { workers, facts } = this.#parts;
    return shortages(pod, workers.roomTakers(pod.metadata.uid), facts.allocatable);
  }
}
