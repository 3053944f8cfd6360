/** The facts of an argument that the estimate of a call uses. */

import type { Expr } from '../syntax/ast.ts';
import type { CelType } from '../types/type.ts';
import { type Range, unknown } from './range.ts';

export interface CostNode {
  readonly type: CelType;
  /** Undefined for the elements of a list. */
  readonly expr: Expr | undefined;
  /** The size range, known from the expression and the types of variables. */
  readonly size: Range | undefined;
  /** The type that a schema declares, which bounds the size of elements. */
  readonly declared: CelType | undefined;
}

export const sizeOf = (node: CostNode): Range => node.size ?? unknown;

/** The element of a list; undefined when the type has no parameters. */
export function elementOf({ type, declared }: CostNode): CostNode | undefined {
  const [element] = type.parameters;
  if (element === undefined) return undefined;
  const declaredElement = declared?.kind === 'list' ? declared.parameters[0] : undefined;
  const size = declaredElement === undefined ? undefined : declaredSize(declaredElement);
  return { type: element, expr: undefined, size, declared: declaredElement };
}

/** The size bound of a type by its schema; undefined for a type without a schema. */
export function declaredSize({ facts: { maxElements } }: CelType): Range | undefined {
  return maxElements === undefined ? undefined : { min: 0, max: maxElements };
}

export interface CallEstimate {
  readonly cost: Range;
  /** The size of the result, if it is a string, a list or the like. */
  readonly size?: Range;
}
