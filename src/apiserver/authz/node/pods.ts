/**
 * The pods of each node, kept with every change of a pod: what a node may read is found without a look at all
 * pods.
 */

import { pods } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import type { CachedObject, ObjectFeed } from '../../contract/stored-objects.ts';

export interface NodePods {
  of(node: string): Iterable<Pod>;
}

export class FollowedNodePods implements NodePods {
  readonly #byNode = new Map<string, Map<string, CachedObject>>();
  readonly #nodeOf = new Map<string, string>();

  follow(feed: ObjectFeed): void {
    const load = () => {
      this.#byNode.clear();
      this.#nodeOf.clear();
      for (const pod of feed.entries(pods)) this.#put(`${pod.namespace}/${pod.name}`, pod);
    };
    load();
    feed.follow(pods, {
      changed: (namespace, name, pod) => this.#put(`${namespace}/${name}`, pod),
      reloaded: load,
    });
  }

  *of(node: string): Iterable<Pod> {
    for (const pod of this.#byNode.get(node)?.values() ?? []) yield pod.object() as Pod;
  }

  #put(key: string, pod: CachedObject | undefined): void {
    const before = this.#nodeOf.get(key);
    const node = pod?.fields['spec.nodeName'] ?? '';
    if (before !== undefined && before !== node) {
      const left = this.#byNode.get(before);
      if (left?.delete(key) && left.size === 0) this.#byNode.delete(before);
      this.#nodeOf.delete(key);
    }
    if (!pod || node === '') return;
    this.#nodeOf.set(key, node);
    const there = this.#byNode.get(node) ?? new Map();
    this.#byNode.set(node, there.set(key, pod));
  }
}
