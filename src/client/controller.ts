/**
 * The one shape of every controller: it looks at cached views and returns a plan; the runner carries the plan out,
 * with a rate-limited queue, expectations and retries. Deciding is pure, so it is tested as view → plan.
 */

import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource.ts';
import type { Env } from '#base/env.ts';
import type { Client, DeleteOptions, PatchType } from './client.ts';
import type { Informers } from './informer.ts';

/** One step of a plan. Steps run in order; a failed step ends the plan and the key is retried with back-off. */
export type Action =
  | { readonly do: 'create'; readonly type: ResourceType; readonly object: KubeObject }
  | { readonly do: 'update'; readonly type: ResourceType; readonly object: KubeObject }
  | { readonly do: 'updateStatus'; readonly type: ResourceType; readonly object: KubeObject }
  | {
      readonly do: 'patch';
      readonly type: ResourceType;
      readonly namespace?: string;
      readonly name: string;
      readonly patchType: PatchType;
      readonly patch: unknown;
      readonly subresource?: string;
    }
  | {
      readonly do: 'delete';
      readonly type: ResourceType;
      readonly namespace?: string;
      readonly name: string;
      readonly options?: DeleteOptions;
    }
  | {
      readonly do: 'event';
      readonly regarding: KubeObject;
      readonly eventType: 'Normal' | 'Warning';
      readonly reason: string;
      readonly message: string;
    }
  /** What plain data cannot say; named for logs and tests. */
  | { readonly do: 'run'; readonly name: string; run(client: Client): Promise<void> };

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
}

export interface RunningController {
  /** Decides for one key. Throws to be retried with back-off. */
  reconcile(key: string): Promise<Plan> | Plan;
  stop?(): void;
}

export interface ControllerDefinition {
  /** Upstream's name (`deployment-controller`): the identity it acts under and the source of its events. */
  readonly name: string;
  /** How many keys are worked on at once. Default 5. */
  readonly workers?: number;
  start(context: ControllerContext): RunningController;
}

export function defineController(definition: ControllerDefinition): ControllerDefinition {
  return definition;
}
