/** Pods nominated to a node where preemption makes room for them, by node. */

import type { PodInfo } from './pod-info.ts';

/** Asked for every node in every search. */
const none: readonly PodInfo[] = [];

export class Nominations {
  readonly #nodeOf = new Map<string, string>();
  readonly #byNode = new Map<string, Map<string, PodInfo>>();
  /** UIDs of preemption victims, until the informer shows them terminating. */
  readonly #victims = new Set<string>();

  get size(): number {
    return this.#nodeOf.size;
  }

  set(pod: PodInfo, node: string): void {
    this.remove(pod.key);
    this.#nodeOf.set(pod.key, node);
    let pods = this.#byNode.get(node);
    if (!pods) {
      pods = new Map();
      this.#byNode.set(node, pods);
    }
    pods.set(pod.key, pod);
  }

  remove(key: string): void {
    const node = this.#nodeOf.get(key);
    if (node === undefined) return;
    this.#nodeOf.delete(key);
    const pods = this.#byNode.get(node);
    pods?.delete(key);
    if (pods?.size === 0) this.#byNode.delete(node);
  }

  /** The pod was chosen as a victim: it counts as terminating. */
  addVictim(uid: string): void {
    this.#victims.add(uid);
  }

  isVictim(uid: string): boolean {
    return this.#victims.has(uid);
  }

  /** The victim is gone, or its eviction failed. */
  forgetVictim(uid: string): void {
    this.#victims.delete(uid);
  }

  nodeOf(key: string): string | undefined {
    return this.#nodeOf.get(key);
  }

  on(node: string): readonly PodInfo[] {
    const pods = this.#byNode.get(node);
    return pods ? [...pods.values()] : none;
  }
}
