/** Evaluates a node with or without some pods, and undoes the change. */

import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { Filtering, Rejection } from '../framework.ts';

export function runFilters(filterings: readonly Filtering[], node: NodeInfo): Rejection | undefined {
  for (let i = 0; i < filterings.length; i++) {
    const rejection = filterings[i]!.filter?.(node);
    if (rejection) return rejection;
  }
  return undefined;
}

/** Counts a pod on a node for a trial; `takeAway` must follow. */
export function placeFor(filterings: readonly Filtering[], pod: PodInfo, node: NodeInfo): void {
  node.addPod(pod);
  for (const filtering of filterings) filtering.addPod?.(pod, node);
}

export function takeAway(filterings: readonly Filtering[], pod: PodInfo, node: NodeInfo): void {
  node.removePod(pod);
  for (const filtering of filterings) filtering.removePod?.(pod, node);
}
