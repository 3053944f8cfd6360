/** One evaluation: its variables, and what it has cost so far. */

import type { Value } from '../values/value.ts';

/** The part of a program that computes one expression. */
export type Run = (frame: Frame) => Value;

export class Frame {
  /** Variables of the environment first, then those of macros; undefined where there is no value yet. */
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
