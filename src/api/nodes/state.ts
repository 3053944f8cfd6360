/** The meaning of a node's conditions, defined once: "the node is ready". */

import type { Node, NodeCondition } from '../generated/types.gen.ts';
import { conditionOf, isConditionTrue } from '../meta/conditions.ts';

export function nodeCondition(node: Pick<Node, 'status'>, type: string): NodeCondition | undefined {
  return conditionOf(node.status, type);
}

/** A node without a Ready condition, or with status Unknown, is not ready. */
export function isNodeReady(node: Pick<Node, 'status'> | undefined): boolean {
  return isConditionTrue(node?.status, 'Ready');
}
