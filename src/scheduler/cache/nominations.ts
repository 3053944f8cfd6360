/** Pods that room was made for by preemption, by the node they wait for. */

import type { PodInfo } from './pod-info.ts';

export class Nominations {
  readonly #nodeOf = new Map<string, string>();
  readonly #byNode = new Map<string, Map<string, PodInfo>>();
  /** UIDs of pods told to go, before the informer shows them terminating. */
  readonly #told = new Set<string>();

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

  /** This pod was chosen as a victim: it is as good as terminating. */
  tellToGo(uid: string): void {
    this.#told.add(uid);
  }

  isToldToGo(uid: string): boolean {
    return this.#told.has(uid);
  }

  /** It is gone, or could not be told after all. */
  forgetVictim(uid: string): void {
    this.#told.delete(uid);
  }

  nodeOf(key: string): string | undefined {
    return this.#nodeOf.get(key);
  }

  on(node: string): readonly PodInfo[] {
    return [...(this.#byNode.get(node)?.values() ?? [])];
  }
}
