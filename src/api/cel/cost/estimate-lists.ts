/** Cost estimates of the extended list functions, and of the set functions. */

import { costMax } from '../contract.ts';
import { type CallEstimate, type CostNode, sizeOf } from './node.ts';
import { exactly, product, type Range, scaled, sum } from './range.ts';

/** A list that is made, with a cost by its size. */
const madeList = (factor: number, size: Range): CallEstimate => ({
  cost: sum(scaled(size, factor), exactly(1), exactly(10)),
  size,
});

const setCost = (factor: number, [first, second]: readonly CostNode[]): CallEstimate | undefined =>
  first && second && { cost: sum(scaled(product(sizeOf(first), sizeOf(second)), factor), exactly(1)) };

/** An int that is written in the expression. */
function writtenInt(node: CostNode, otherwise: number): number {
  if (node.expr?.kind !== 'literal') return otherwise;
  const { value } = node.expr;
  return typeof value === 'number' || typeof value === 'bigint' ? Math.max(0, Number(value)) : otherwise;
}

function sliceCost(target: CostNode, [start, end]: readonly CostNode[]): CallEstimate | undefined {
  if (start === undefined || end === undefined) return undefined;
  const size = writtenInt(end, sizeOf(target).max) - writtenInt(start, 0);
  // Upstream subtracts unsigned integers, which wrap around.
  return madeList(1, exactly(size < 0 ? size + costMax : size));
}

function sortCost(node: CostNode, isText: boolean): CallEstimate {
  const size = sizeOf(node);
  return madeList(isText ? 2.1 : 2, product(size, size));
}

const sorts = /^list_(.*)_(sort|sortByAssociatedKeys)$/;

/** Undefined for a function that is estimated elsewhere. */
export function listEstimate(
  id: string,
  target: CostNode | undefined,
  args: readonly CostNode[],
): CallEstimate | undefined {
  switch (id) {
    case 'list_sets_contains_list':
    case 'list_sets_intersects_list':
      return setCost(1, args);
    case 'list_sets_equivalent_list':
      return setCost(2, args);
    case 'lists_range':
      return args[0] && madeList(1, exactly(writtenInt(args[0], costMax)));
    default:
      return target && listMethod(id, target, args);
  }
}

function listMethod(id: string, target: CostNode, args: readonly CostNode[]): CallEstimate | undefined {
  const size = sizeOf(target);
  switch (id) {
    case 'list_slice':
      return sliceCost(target, args);
    case 'list_reverse':
      return madeList(1, size);
    case 'list_flatten':
      return madeList(1, size);
    case 'list_flatten_int':
      return madeList(writtenInt(args[0]!, costMax), size);
    case 'list_distinct':
      return madeList(2, product(size, size));
    default: {
      const [, type, kind] = sorts.exec(id) ?? [];
      if (kind === undefined) return undefined;
      return sortCost(kind === 'sort' ? target : args[0]!, type === 'string' || type === 'bytes');
    }
  }
}
