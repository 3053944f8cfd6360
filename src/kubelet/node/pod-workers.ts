/** The workers of a node, each looking after one pod, by the uid of the pod. */

import type { PendingResize } from '../admission/resize-order.ts';
import type { NodePod } from '../pod/pod.ts';
import type { PodWorker } from '../worker/pod-worker.ts';

export class PodWorkers {
  readonly #workers = new Map<string, PodWorker>();

  get(podUid: string): PodWorker | undefined {
    return this.#workers.get(podUid);
  }

  has(podUid: string): boolean {
    return this.#workers.has(podUid);
  }

  list(): PodWorker[] {
    return [...this.#workers.values()];
  }

  add(podUid: string, worker: PodWorker): void {
    this.#workers.set(podUid, worker);
  }

  /** Pods of which something may be left on the node. */
  pods(): NodePod[] {
    return this.list()
      .filter((worker) => !worker.isGone)
      .map((worker) => worker.pod);
  }

  find(namespace: string, name: string, uid?: string): NodePod | undefined {
    return this.pods().find(
      ({ metadata }) =>
        metadata.namespace === namespace && metadata.name === name && (!uid || metadata.uid === uid),
    );
  }

  /** Pods whose requests count against allocatable, except `exceptUid`. */
  roomTakers(exceptUid: string): NodePod[] {
    return [...this.#workers]
      .filter(([uid, worker]) => uid !== exceptUid && worker.takesRoom)
      .map(([, worker]) => worker.pod);
  }

  /** Those that wait for room, of other pods than `exceptUid`. */
  deferredResizes(exceptUid: string): PendingResize[] {
    return [...this.#workers].flatMap(([uid, worker]) =>
      uid !== exceptUid && worker.takesRoom ? (worker.deferredResize ?? []) : [],
    );
  }

  /** Also true of a pod that was never here. */
  isGone(podUid: string): boolean {
    return this.#workers.get(podUid)?.isGone !== false;
  }

  poke(podUid: string): void {
    this.#workers.get(podUid)?.poke();
  }

  forgetGone(): void {
    for (const [uid, worker] of this.#workers) if (worker.isGone) this.#workers.delete(uid);
  }

  stop(): void {
    for (const worker of this.#workers.values()) worker.stop();
  }
}
