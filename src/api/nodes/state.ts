/** What a node's conditions say of it: the one meaning of "the node is ready". */

import type { Node, NodeCondition } from '../generated/types.gen.ts';
import { conditionOf, isConditionTrue } from '../meta/conditions.ts';

export function nodeCondition(node: Pick<Node, 'status'>, type: string): NodeCondition | undefined {
  return conditionOf(node.status, type);
}

/** Neither a node that has said nothing yet nor one whose state is Unknown is ready. */
export function isNodeReady(node: Pick<Node, 'status'> | undefined): boolean {
  return isConditionTrue(node?.status, 'Ready');
}
