/** The state of an evaluation: its variables, and its cost so far. */

import type { Value } from '../values/value.ts';

/** Computes an expression; the closure of a program. */
export type Run = (frame: Frame) => Value;

export class Frame {
  /** By slot: variables of the environment and of macros; undefined before a value is set. */
  readonly slots: (Value | undefined)[];
  readonly costLimit: number;
  cost = 0;

  constructor(slotCount: number, costLimit: number) {
    this.slots = new Array(slotCount);
    this.costLimit = costLimit;
  }

  /** Ends the evaluation when it has become too expensive. */
  checkCost(): void {
    if (this.cost > this.costLimit) throw overLimit;
  }
}

export class OverLimit {
  readonly message = 'operation cancelled: actual cost limit exceeded';
}

const overLimit = new OverLimit();
