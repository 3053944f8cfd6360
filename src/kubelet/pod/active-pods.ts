/** The pods that may run containers on a node, for what shares out the node's resources among them. */

import type { NodePod } from './pod.ts';

export interface PodsOfNode {
  /** Those that may run containers now. */
  active(): readonly NodePod[];
  /** Resolves when all pods of the node are known. Rejects when the kubelet stops before that. */
  synced(): Promise<void>;
}

export class ActivePods {
  #pods: PodsOfNode | undefined;
  #areKnown = false;

  follow(pods: PodsOfNode): void {
    this.#pods = pods;
    void pods.synced().then(
      () => {
        this.#areKnown = true;
      },
      () => undefined,
    );
  }

  /** Whether all pods of the node are known. */
  get areKnown(): boolean {
    return this.#areKnown;
  }

  uids(): Set<string> {
    return new Set(this.#pods?.active().map(({ metadata }) => metadata.uid));
  }

  /** Those of `podUids` that have ended; none before all pods are known: one of an earlier kubelet could seem to have ended. */
  endedOf(podUids: Iterable<string>): string[] {
    if (!this.#areKnown) return [];
    const active = this.uids();
    return [...podUids].filter((uid) => !active.has(uid));
  }
}
