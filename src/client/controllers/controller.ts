/**
 * The one shape of every controller: it declares what wakes it, looks at cached views and returns a plan
 * (`plan.ts`); the runner carries the plan out, with a rate-limited queue, expectations and retries. Deciding
 * changes nothing but the controller's own notes, so it is tested as view → plan.
 */

import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { Env } from '#base/env.ts';
import type { ReadClient } from '../client.ts';
import type { Informers } from '../informers/informer.ts';
import type { AskAllowance } from '../queue/write-pace.ts';
import type { Plan } from './plan.ts';
import type { SpecialStep } from './special.ts';
import type { Watch } from './watch.ts';

export interface ControllerContext {
  readonly env: Env;
  /** For what the caches may not show yet. What is to be written belongs into the plan. */
  readonly client: ReadClient;
  readonly informers: Informers;
  /** Puts `namespace/name` (or `name`) on the queue, at once or later. */
  enqueue(key: string, delayMs?: number): void;
  /** Begins a watch that only becomes known after the start. */
  watch(watch: Watch): void;
  readonly allowance: AskAllowance;
  /** Aborts when the controller is to stop, which waits for all decisions and plans under way. */
  readonly ending: AbortSignal;
}

export interface View {
  /**
   * False while creations and deletions of earlier plans have not been seen: then only the status may be
   * written.
   */
  readonly isCurrent: boolean;
}

export interface RunningController {
  readonly watches: readonly Watch[];
  /** What carries out the special steps of its plans. */
  readonly steps?: readonly SpecialStep[];
  /** A plan of this controller has updated or patched an object that its keys name; its cache may not show it yet. */
  wrote?(object: Stored<KubeObject>): void;
  /** Decides for one key. Throws to be retried with back-off. */
  reconcile(key: string, view: View): Promise<Plan> | Plan;
  /** Ends what the runner does not know of: it ends the watches itself. */
  stop?(): void;
}

export interface ControllerDefinition {
  /** Upstream's name (`deployment-controller`): the source of its events, and the identity it acts under. */
  readonly name: string;
  /** The identity, where upstream's controller borrows that of another controller. */
  readonly identity?: string;
  /** The source of its events, where upstream's differs from the name. */
  readonly eventSource?: string;
  /**
   * How many keys are worked on at once, besides those that wait long for a webhook or the like. Default 5; with 1
   * there are never two.
   */
  readonly workers?: number;
  start(context: ControllerContext): RunningController;
}

export function defineController(definition: ControllerDefinition): ControllerDefinition {
  return definition;
}
