/**
 * What a controller wants done, as data: a plan can be printed, compared and recorded. Steps run in order; a
 * failed step ends the plan, and its key is retried with back-off. What follows a step stands beside it, as
 * further steps.
 */

import type { ObjectReference } from '#api/generated/types.gen.ts';
import type { AnyObject, KubeObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { DeleteOptions, PatchType } from '../client.ts';
import type { Allowance } from '../queue/write-pace.ts';

export interface Plan {
  readonly actions: readonly Action[];
  /** Look at this key again after so long, whatever happens. */
  readonly againInMs?: number;
}

export type Action =
  | CreateAction
  | UpdateAction
  | UpdateStatusAction
  | PatchAction
  | DeleteAction
  | EventAction
  | TogetherAction
  | AssertLiveAction
  | WakeAction
  | SpecialAction;

/** The object that a step is about. */
export interface Target {
  readonly type: ResourceType;
  readonly namespace?: string;
  readonly name: string;
}

/**
 * Refusals by these reasons (`NotFound`), or any refusal, end the step and what follows it, but not the plan.
 */
export type Ignored = readonly string[] | 'any';

export interface CreateAction {
  readonly do: 'create';
  readonly type: ResourceType;
  readonly object: KubeObject | AnyObject;
  /** Carried out when the object was created. */
  readonly ifDone?: readonly Action[];
  /** Carried out when it was not, before the plan ends. Not when its namespace is being deleted. */
  readonly ifFailed?: readonly Action[];
  /** In place of `ifFailed` when there is an object of that name. */
  readonly ifTaken?: readonly Action[];
}

export interface UpdateAction {
  readonly do: 'update';
  readonly type: ResourceType;
  readonly object: KubeObject | AnyObject;
  readonly subresource?: string;
  readonly ignore?: Ignored;
}

export interface UpdateStatusAction {
  readonly do: 'updateStatus';
  readonly type: ResourceType;
  readonly object: KubeObject | AnyObject;
  /** The message of this condition ends with the text of the failure that the step follows. */
  readonly failureIn?: string;
}

export interface PatchAction extends Target {
  readonly do: 'patch';
  readonly patchType: PatchType;
  readonly patch: unknown;
  readonly subresource?: string;
  /** Of an apply: it takes its fields from other managers. */
  readonly fieldManager?: string;
  readonly ignore?: Ignored;
  readonly ifDone?: readonly Action[];
}

export interface DeleteAction extends Target {
  readonly do: 'delete';
  readonly uid?: string;
  readonly options?: DeleteOptions;
  readonly ignore?: Ignored;
  /**
   * Carried out when the deletion was accepted. An object that is gone already counts as deleted, without
   * this.
   */
  readonly ifDone?: readonly Action[];
  readonly ifFailed?: readonly Action[];
}

export interface EventAction {
  readonly do: 'event';
  readonly regarding: KubeObject | ObjectReference;
  readonly eventType: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /**
   * The message ends with the name of the created object, or the text of the failure, that the step follows.
   */
  readonly ends?: 'name' | 'error';
}

export interface TogetherAction {
  /**
   * In any order, in batches of 500 that stop at the first batch with a failure; with `slowStart` in batches
   * of 1, 2, 4, … up to 500. Creations refused because their namespace is being deleted count as done:
   * nothing fails, and nothing is reported.
   */
  readonly do: 'together';
  readonly actions: readonly Action[];
  readonly slowStart?: boolean;
  /** Until the caches show what it creates and deletes, the view of this key is not current. */
  readonly expected?: boolean;
  /** What allowed its creations; those that are not made are given back. */
  readonly allowance?: Allowance;
  /** Carried out in place of the rest of the plan, after what follows each failure. The plan then fails. */
  readonly ifFailed?: readonly Action[];
  /**
   * Carried out before the rest of the plan when creations were refused because their namespace is being
   * deleted.
   */
  readonly ifNamespaceTerminates?: readonly Action[];
}

/** Fails unless the server, which may be ahead of the caches, has this object and is not deleting it. */
export interface AssertLiveAction extends Target {
  readonly do: 'assertLive';
  readonly uid: string;
}

/** Looks at other keys of this controller. */
export interface WakeAction {
  readonly do: 'wake';
  readonly keys: readonly string[];
}

/**
 * What the other steps cannot express: carried out by the step of that name that the controller brings
 * (`special.ts`).
 */
export interface SpecialAction {
  readonly do: 'special';
  readonly step: string;
  readonly about: string;
  readonly data: unknown;
}

export const nothingToDo: Plan = { actions: [] };

/** A plan of these actions; its key is looked at again after `againInMs`, if that is given. */
export function planOf(actions: readonly Action[], againInMs: number | undefined): Plan {
  return againInMs === undefined ? { actions } : { actions, againInMs };
}

/** The target of a step about this object. */
export function targetOf(type: ResourceType, { metadata = {} }: KubeObject): Target {
  const { namespace, name = '' } = metadata;
  return { type, ...(namespace ? { namespace } : {}), name };
}
