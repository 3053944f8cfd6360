/** Why no node fits a pod, and upstream's message for it. */

import type { NodeInfo } from '../cache/node-info.ts';
import type { Rejection } from '../framework.ts';

export interface FailureParts {
  /** The rejection by a preFilter plugin, before any node was examined. */
  readonly upFront?: Rejection | undefined;
  /** Why the nodes that were not examined were left out. */
  readonly leftOut?: Rejection | undefined;
  /** Plugins whose rejections are not among those of the nodes. */
  readonly alsoRejectedBy?: ReadonlySet<string>;
}

export class FitFailure {
  readonly nodeCount: number;
  /** The rejection of each examined node. */
  readonly rejections: ReadonlyMap<NodeInfo, Rejection>;
  readonly #parts: FailureParts;
  postFilterMessage = '';

  constructor(nodeCount: number, rejections: ReadonlyMap<NodeInfo, Rejection>, parts: FailureParts = {}) {
    this.nodeCount = nodeCount;
    this.rejections = rejections;
    this.#parts = parts;
  }

  rejectedBy(): Set<string> {
    const { upFront, leftOut, alsoRejectedBy = [] } = this.#parts;
    const names = new Set<string>(alsoRejectedBy);
    for (const rejection of this.rejections.values()) names.add(rejection.plugin);
    if (upFront) names.add(upFront.plugin);
    if (leftOut) names.add(leftOut.plugin);
    return names;
  }

  message(): string {
    const { upFront, leftOut } = this.#parts;
    if (this.nodeCount === 0 && !upFront) return 'no nodes available to schedule pods';
    let text = `0/${this.nodeCount} nodes are available:`;
    if (upFront) text += ` ${upFront.reasons.join(', ')}.`;
    else text += countedReasons(this.rejections.values(), leftOut, this.nodeCount - this.rejections.size);
    if (this.postFilterMessage) text += ` ${this.postFilterMessage}`;
    return text;
  }
}

/** ` 1 Too many pods, 2 Insufficient cpu.`, sorted as upstream does: by the text with its count. */
export function countedReasons(
  rejections: Iterable<Rejection>,
  leftOut: Rejection | undefined,
  leftOutCount: number,
): string {
  const counts = new Map<string, number>();
  const count = (reasons: readonly string[], times: number) => {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + times);
  };
  for (const rejection of rejections) count(rejection.reasons, 1);
  if (leftOut && leftOutCount > 0) count(leftOut.reasons, leftOutCount);
  if (counts.size === 0) return '';
  const parts = [...counts].map(([reason, times]) => `${times} ${reason}`);
  return ` ${parts.sort((a, b) => (a < b ? -1 : 1)).join(', ')}.`;
}
