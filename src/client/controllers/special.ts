/**
 * Steps that one controller needs and the runner does not know: what they do depends on what the server has,
 * or on how an earlier step ended. A plan holds their name and data; the controller brings what carries them
 * out, which reads and returns further steps.
 */

import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { Client } from '../client.ts';
import type { Plan, SpecialAction } from './plan.ts';

/** How the step ended that this one follows. */
export interface Outcome {
  readonly created?: Stored<KubeObject>;
  readonly error?: Error;
}

export interface SpecialStep<D = never> {
  readonly name: string;
  /**
   * Returns what to do next, in its place. Methods, so that a list of steps of different data has one type.
   */
  carryOut(data: D, client: Client, outcome: Outcome): Promise<Plan> | Plan;
}

/** `about`: the object, for readers of the printed plan. */
export function special<D>(step: SpecialStep<D>, about: string, data: D): SpecialAction {
  return { do: 'special', step: step.name, about, data };
}
