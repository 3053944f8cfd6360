/** Which pods the selectors of rules select; kept while a guard uses the selector, changed pod by pod. */

import type { PeerSelector } from '../rules/compiled-policy.ts';
import type { PeerPod } from './peer-pod.ts';
import type { PodIndex } from './pod-index.ts';

export interface PeerGroup {
  readonly selector: PeerSelector;
  /** Keys of pods. */
  readonly members: ReadonlySet<string>;
}

interface UsedGroup extends PeerGroup {
  readonly members: Set<string>;
  users: number;
}

export class PeerGroups {
  readonly #pods: PodIndex;
  readonly #groups = new Map<string, UsedGroup>();

  constructor(pods: PodIndex) {
    this.#pods = pods;
  }

  acquire(selector: PeerSelector): PeerGroup {
    const known = this.#groups.get(selector.key);
    if (known) {
      known.users++;
      return known;
    }
    const group: UsedGroup = { selector, members: new Set(), users: 1 };
    const { namespace } = selector;
    const candidates = namespace === undefined ? this.#pods.all() : this.#pods.inNamespace(namespace);
    for (const pod of candidates) if (this.#selects(selector, pod)) group.members.add(pod.key);
    this.#groups.set(selector.key, group);
    return group;
  }

  release({ selector }: PeerGroup): void {
    const group = this.#groups.get(selector.key);
    if (group && --group.users === 0) this.#groups.delete(selector.key);
  }

  /** After the index has changed: the pod's labels, its namespace's, or whether there is such a pod. */
  podChanged(key: string): void {
    const pod = this.#pods.get(key);
    for (const { selector, members } of this.#groups.values()) {
      if (pod && this.#selects(selector, pod)) members.add(key);
      else members.delete(key);
    }
  }

  #selects({ namespace, namespaces, pods }: PeerSelector, pod: PeerPod): boolean {
    if (namespace !== undefined) return pod.namespace === namespace && pods.matches(pod.labels);
    const labels = this.#pods.namespaceLabels(pod.namespace);
    return labels !== undefined && namespaces.matches(labels) && pods.matches(pod.labels);
  }
}
