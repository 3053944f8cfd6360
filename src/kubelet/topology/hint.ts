/** On which NUMA nodes a resource could be had. Upstream: `TopologyHint` and `HintProvider` of topology_manager.go. */

import type { Container } from '#api/generated/types.gen.ts';
import type { NodePod } from '../pod/pod.ts';
import { countOf, type NumaMask } from './numa-mask.ts';

export interface Hint {
  /** Undefined: any. */
  readonly nodes: NumaMask | undefined;
  /** It needs as few nodes as the request could be met by on an empty machine. */
  readonly isPreferred: boolean;
}

/** By resource. Undefined: no preference. An empty list: it cannot be had. */
export type ResourceHints = ReadonlyMap<string, readonly Hint[] | undefined>;

/** What shares out a resource that has a place. */
export interface HintProvider {
  hints(pod: NodePod, container: Container): ResourceHints;
  /** For all containers of the pod together. */
  podHints(pod: NodePod): ResourceHints;
}

/** Marks the hints with `leastNodes` nodes as preferred. */
export function preferLeast(masks: readonly NumaMask[], leastNodes: number): Hint[] {
  return masks.map((nodes) => ({ nodes, isPreferred: countOf(nodes) === leastNodes }));
}
