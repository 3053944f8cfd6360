/** The nodes of a cluster from a DaemonSet's view: whether its pod belongs there, and which pods exist. */

import type { DaemonSet, Node, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { requiredNode } from '#api/nodes/required-node.ts';
import { isPodTerminal } from '#api/pods/state.ts';
import { toleratesEffects } from '#api/pods/tolerations.ts';
import { nodeOfPod, revisionHashLabel, templateGeneration, tolerationsOf } from './pod.ts';

export interface Place {
  readonly node: Stored<Node>;
  readonly shouldRun: boolean;
  /** An existing pod may stay, even where none would be created now. */
  readonly shouldStay: boolean;
  /** Scheduled ones before pending ones, then the oldest first. */
  readonly pods: Stored<Pod>[];
}

export function placesOf(
  set: DaemonSet,
  nodes: readonly Stored<Node>[],
  pods: readonly Stored<Pod>[],
): Place[] {
  const spec = set.spec!.template.spec!;
  const matches = requiredNode(spec);
  const tolerations = tolerationsOf(spec);
  // Terminated pods that are being deleted do not occupy their node.
  const counted = pods.filter((pod) => !(pod.metadata.deletionTimestamp && isPodTerminal(pod)));
  const byNode = Map.groupBy(counted, nodeOfPod);
  return nodes.map((node) => {
    const { name, labels = {} } = node.metadata;
    const isChosen = (!spec.nodeName || spec.nodeName === name) && matches?.(labels, name) !== false;
    const isTolerated = (...effects: string[]) => toleratesEffects(tolerations, node.spec?.taints, effects);
    return {
      node,
      shouldRun: isChosen && isTolerated('NoSchedule', 'NoExecute'),
      shouldStay: isChosen && isTolerated('NoExecute'),
      pods: (byNode.get(node.metadata.name) ?? []).sort(placedThenOldest),
    };
  });
}

function placedThenOldest(a: Stored<Pod>, b: Stored<Pod>): number {
  const byPlace = Number(!a.spec?.nodeName) - Number(!b.spec?.nodeName);
  if (byPlace !== 0) return byPlace;
  const [aTime, bTime] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  if (aTime !== bTime) return aTime < bTime ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

/** Whether it was created from the current template. */
export function isUpToDate(set: DaemonSet, pod: Pod, hash: string): boolean {
  const { [revisionHashLabel]: podHash, ...labels } = pod.metadata?.labels ?? {};
  const generation = templateGeneration(set);
  return podHash === hash || (generation !== undefined && labels['pod-template-generation'] === generation);
}
