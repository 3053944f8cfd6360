/**
 * Where on the machine a pod's resources are to be taken, by `topologyManagerPolicy`. Upstream:
 * pkg/kubelet/cm/topologymanager.
 */

import type { TopologySettings } from '#api/configuration/kubelet/topology.ts';
import type { Container } from '#api/generated/types.gen.ts';
import type { NodePod } from '../pod/pod.ts';
import type { HintProvider, ResourceHints } from './hint.ts';
import { type Merged, type MergeRules, mergeHints } from './merge.ts';
import type { TopologyMetrics } from './metrics.ts';
import { type NumaNode, NumaNodes } from './numa-nodes.ts';

/** A pod that cannot be aligned as the policy asks. */
export class TopologyAffinityError extends Error {
  override name = 'TopologyAffinityError';

  constructor() {
    super('Resources cannot be allocated with Topology locality');
  }
}

export class TopologyManager {
  readonly #settings: TopologySettings;
  readonly #rules: MergeRules | undefined;
  readonly #providers: readonly HintProvider[];
  readonly #metrics: TopologyMetrics;

  /** Throws, with upstream's words, when the machine has more NUMA nodes than the policy looks at. */
  constructor(
    settings: TopologySettings,
    nodes: readonly NumaNode[],
    providers: readonly HintProvider[],
    metrics: TopologyMetrics,
  ) {
    const { policy, prefersClosest, numaNodesMax } = settings;
    if (policy !== 'none' && nodes.length > numaNodesMax) {
      throw new Error(`unsupported on machines with more than ${numaNodesMax} NUMA Nodes`);
    }
    this.#settings = settings;
    this.#rules = policy === 'none' ? undefined : { policy, prefersClosest, nodes: new NumaNodes(nodes) };
    this.#providers = providers;
    this.#metrics = metrics;
  }

  /** For the scope `pod`; undefined where each container is aligned by itself, or none is. Throws `TopologyAffinityError`. */
  podAffinity(pod: NodePod): Merged['hint'] | undefined {
    if (this.#settings.scope !== 'pod') return undefined;
    return this.#merged(this.#providers.map((provider) => provider.podHints(pod)));
  }

  /** For the scope `container`; undefined where the pod is aligned as a whole. Throws `TopologyAffinityError`. */
  containerAffinity(pod: NodePod, container: Container): Merged['hint'] | undefined {
    if (this.#settings.scope !== 'container') return undefined;
    return this.#merged(this.#providers.map((provider) => provider.hints(pod, container)));
  }

  /** What was aligned has been allocated: a container, or in the scope `pod` a pod. */
  allocated(what: 'container' | 'pod'): void {
    if (this.#isGuaranteed && what === this.#settings.scope) this.#metrics.aligned(what);
  }

  #merged(hints: readonly ResourceHints[]): Merged['hint'] | undefined {
    if (!this.#rules) return undefined;
    const { hint, isAdmitted } = mergeHints(this.#rules, hints);
    if (isAdmitted) return hint;
    if (this.#isGuaranteed) this.#metrics.notAligned(this.#settings.scope);
    throw new TopologyAffinityError();
  }

  get #isGuaranteed(): boolean {
    return this.#settings.policy === 'single-numa-node';
  }
}
