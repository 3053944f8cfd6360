/**
 * The one shape of every controller: it looks at cached views and returns a plan; the runner carries the plan out,
 * with a rate-limited queue, expectations and retries. Deciding is pure, so it is tested as view → plan.
 */

import type { AnyObject, KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { Env } from '#base/env.ts';
import type { Client, DeleteOptions, PatchType } from '../client.ts';
import type { Informers } from '../informers/informer.ts';
import type { Allowance, AskAllowance } from '../queue/write-pace.ts';
import type { Expectations } from './expectations.ts';

export interface CreateAction {
  readonly do: 'create';
  readonly type: ResourceType;
  readonly object: KubeObject | AnyObject;
  /** Carried out when the creation succeeded: its event. */
  afterwards?(created: Stored): readonly Action[];
}

export interface DeleteAction {
  readonly do: 'delete';
  readonly type: ResourceType;
  readonly namespace?: string;
  readonly name: string;
  readonly uid?: string;
  readonly options?: DeleteOptions;
  /** Carried out when the deletion was accepted. An object that is gone already counts as deleted, without this. */
  afterwards?(): readonly Action[];
}

export interface ActionFailure {
  readonly action: Action;
  readonly error: Error;
}

/** One step of a plan. Steps run in order; a failed step ends the plan and the key is retried with back-off. */
export type Action =
  | CreateAction
  | { readonly do: 'update'; readonly type: ResourceType; readonly object: KubeObject | AnyObject }
  | {
      readonly do: 'updateStatus';
      readonly type: ResourceType;
      readonly object: KubeObject | AnyObject;
      /** Called with what was stored. */
      onStored?(stored: Stored<KubeObject>): void;
    }
  | {
      readonly do: 'patch';
      readonly type: ResourceType;
      readonly namespace?: string;
      readonly name: string;
      readonly patchType: PatchType;
      readonly patch: unknown;
      readonly subresource?: string;
    }
  | DeleteAction
  | {
      readonly do: 'event';
      readonly regarding: KubeObject;
      readonly eventType: 'Normal' | 'Warning';
      readonly reason: string;
      readonly message: string;
    }
  | {
      /**
       * In any order, in batches of 500 that stop at the first batch with a failure; with `slowStart` in batches of 1, 2,
       * 4, … up to 500. When some failed, the steps that `afterFailure` returns are carried out in place of the rest of
       * the plan, which then fails. Creations refused because their namespace is being deleted count as done: there is
       * no event and nothing fails.
       */
      readonly do: 'together';
      readonly actions: readonly Action[];
      readonly slowStart?: boolean;
      /** What allowed its creations; it gets back those that are not made. */
      readonly allowance?: Allowance;
      /** Raised before the first step, lowered for every step that failed or never ran. */
      readonly expectations?: { readonly book: Expectations; readonly key: string };
      afterFailure?(failures: readonly ActionFailure[]): readonly Action[];
      /** Carried out before the rest of the plan when creations were refused because their namespace is being deleted. */
      whenNamespaceGoes?(): readonly Action[];
    }
  /** What plain data cannot express; named for logs and tests. */
  | { readonly do: 'run'; readonly name: string; run(client: Client): Promise<void> }
  /** What depends on more than the view: looked up at the server, then carried out. */
  | { readonly do: 'lookUp'; readonly name: string; lookUp(client: Client): Promise<readonly Action[]> };

export interface Plan {
  readonly actions: readonly Action[];
  /** Look at this key again after so long, whatever happens. */
  readonly againInMs?: number;
}

export interface ControllerContext {
  readonly env: Env;
  readonly client: Client;
  readonly informers: Informers;
  /** Puts `namespace/name` (or `name`) on the queue, at once or later. */
  enqueue(key: string, delayMs?: number): void;
  readonly allowance: AskAllowance;
}

export interface RunningController {
  /** Decides for one key. Throws to be retried with back-off. */
  reconcile(key: string): Promise<Plan> | Plan;
  stop?(): void;
}

export interface ControllerDefinition {
  /** Upstream's name (`deployment-controller`): the source of its events, and the identity it acts under. */
  readonly name: string;
  /** The identity, where upstream's controller borrows another one's. */
  readonly identity?: string;
  /** How many keys are worked on at once. Default 5. */
  readonly workers?: number;
  start(context: ControllerContext): RunningController;
}

export function defineController(definition: ControllerDefinition): ControllerDefinition {
  return definition;
}
