/** The planned form of a part of an expression. */

import type { Expr } from '../syntax/ast.ts';
import type { Value } from '../values/value.ts';
import type { Attribute } from './attribute.ts';
import type { Run } from './frame.ts';
import type { Slots } from './slots.ts';

/** A constant, a chain of selections that may be extended, or any other closure. */
export type Plan =
  | { readonly kind: 'constant'; readonly value: Value }
  | { readonly kind: 'attribute'; readonly attribute: Attribute }
  | { readonly kind: 'run'; readonly run: Run };

export const constant = (value: Value): Plan => ({ kind: 'constant', value });
export const computed = (run: Run): Plan => ({ kind: 'run', run });

/** The error of an expression that the checker accepts but that cannot be planned: an invalid constant. */
export class PlanError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** Plans the parts of an expression. */
export interface PartPlanner {
  readonly slots: Slots;
  /** The closure of an expression, with all of its cost. */
  run(expr: Expr): Run;
}

export function runOf(plan: Plan): Run {
  switch (plan.kind) {
    case 'constant': {
      const { value } = plan;
      return () => value;
    }
    case 'run':
      return plan.run;
    case 'attribute': {
      const { attribute } = plan;
      if (attribute.rootCost === 0) return (frame) => attribute.resolve(frame);
      return (frame) => {
        const value = attribute.resolve(frame);
        frame.cost++;
        return value;
      };
    }
  }
}
