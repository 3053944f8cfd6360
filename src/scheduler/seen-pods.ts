/** Waiting pods as the informer has them now: an attempt may take longer than they live. */

import { pods } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { Informers, Lister } from '#client/informers/informer.ts';
import type { PodInfo } from './cache/pod-info.ts';

export class SeenPods {
  readonly #pods: Lister<Pod>;

  constructor(informers: Informers) {
    this.#pods = informers.for(pods);
  }

  /** Undefined when it was deleted, also when another of its name is there. */
  get(pod: PodInfo): Stored<Pod> | undefined {
    const now = this.#pods.get(pod.namespace, pod.pod.metadata.name);
    return now?.metadata.uid === pod.uid ? now : undefined;
  }

  /** As `get`, if it still has no node. */
  stillWaiting(pod: PodInfo): Stored<Pod> | undefined {
    const now = this.get(pod);
    return now && !now.spec?.nodeName ? now : undefined;
  }
}
