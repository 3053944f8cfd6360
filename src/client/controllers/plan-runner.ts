/** Carries a plan out, step by step, with what follows each; the first step that fails ends it. */

import { isNamespaceTerminating, StatusError } from '#api/meta/status.ts';
import { planChangesMax } from '../queue/write-pace.ts';
import type { Action, CreateAction, DeleteAction, Plan, SpecialAction, TogetherAction } from './plan.ts';
import * as step from './plan-steps.ts';
import type { PlanTools } from './plan-tools.ts';
import type { Outcome } from './special.ts';

interface Failure {
  readonly action: Action;
  readonly error: Error;
}

export async function carryOut(plan: Plan, tools: PlanTools, outcome: Outcome = {}): Promise<void> {
  if (plan.againInMs !== undefined) tools.wake(tools.key, plan.againInMs);
  await carryOutAll(plan.actions, tools, outcome);
}

async function carryOutAll(
  actions: readonly Action[] = [],
  tools: PlanTools,
  outcome: Outcome,
): Promise<void> {
  for (const action of actions) await carryOutAction(action, tools, outcome);
}

async function carryOutAction(action: Action, tools: PlanTools, outcome: Outcome): Promise<void> {
  switch (action.do) {
    case 'create':
    case 'delete':
      return attempt(action, tools);
    case 'together':
      return together(action, tools, outcome);
    case 'update':
      return step.update(action, tools);
    case 'updateStatus':
      return step.updateStatus(action, tools, outcome);
    case 'patch':
      if (await step.patch(action, tools)) await carryOutAll(action.ifDone, tools, outcome);
      return;
    case 'event':
      return step.recordEvent(action, tools, outcome);
    case 'assertLive':
      return step.assertLive(action, tools);
    case 'wake':
      for (const key of action.keys) tools.wake(key);
      return;
    case 'special':
      return carryOutSpecial(action, tools, outcome);
  }
}

async function carryOutSpecial(action: SpecialAction, tools: PlanTools, outcome: Outcome): Promise<void> {
  const special = tools.steps.find(({ name }) => name === action.step);
  if (!special) throw new Error(`the controller has no step ${action.step}`);
  await carryOut(await special.carryOut(action.data as never, tools.client, outcome), tools, outcome);
}

/** With what follows a failure. */
async function attempt(action: CreateAction | DeleteAction, tools: PlanTools): Promise<void> {
  try {
    if (action.do === 'create') await create(action, tools);
    else await remove(action, tools);
  } catch (error) {
    if (!isNamespaceTerminating(error)) await followFailure({ action, error: asError(error) }, tools);
    throw error;
  }
}

async function create(action: CreateAction, tools: PlanTools): Promise<void> {
  const created = await step.create(action, tools);
  await carryOutAll(action.ifDone, tools, { created });
}

/** Returns whether it was there. */
async function remove(action: DeleteAction, tools: PlanTools): Promise<boolean> {
  const wasThere = await step.remove(action, tools);
  if (wasThere) await carryOutAll(action.ifDone, tools, {});
  return wasThere;
}

async function followFailure({ action, error }: Failure, tools: PlanTools): Promise<void> {
  if (action.do !== 'create' && action.do !== 'delete') return;
  const isTaken = error instanceof StatusError && error.reason === 'AlreadyExists';
  const ifTaken = action.do === 'create' && isTaken ? action.ifTaken : undefined;
  await carryOutAll(ifTaken ?? action.ifFailed, tools, { error });
}

async function together(action: TogetherAction, tools: PlanTools, outcome: Outcome): Promise<void> {
  const { actions } = action;
  if (action.expected) expect(actions, tools);
  const { failures, notBegun } = await inBatches(action, tools, outcome);
  settleAllowance(action, [...failures.map((failed) => failed.action), ...notBegun], tools);
  if (failures.length === 0) return;
  const reported = failures.filter(({ error }) => !isNamespaceTerminating(error));
  if (reported.length === 0) return carryOutAll(action.ifNamespaceTerminates, tools, outcome);
  for (const failed of reported) await followFailure(failed, tools);
  const { error } = reported[0]!;
  await carryOutAll(action.ifFailed, tools, { error });
  throw error;
}

async function inBatches(
  { actions, slowStart, expected }: TogetherAction,
  tools: PlanTools,
  outcome: Outcome,
): Promise<{ failures: Failure[]; notBegun: readonly Action[] }> {
  const failures: Failure[] = [];
  let next = 0;
  for (let size = slowStart ? 1 : planChangesMax; next < actions.length; size = batchAfter(size)) {
    const batch = actions.slice(next, next + size);
    next += batch.length;
    const results = await Promise.allSettled(
      batch.map((each) => carryOutMember(each, tools, outcome, expected)),
    );
    for (const [i, result] of results.entries()) {
      if (result.status === 'rejected') failures.push({ action: batch[i]!, error: asError(result.reason) });
    }
    if (failures.length > 0) break;
  }
  const notBegun = actions.slice(next);
  if (expected) for (const each of [...failures.map(({ action }) => action), ...notBegun]) lower(each, tools);
  return { failures, notBegun };
}

function batchAfter(size: number): number {
  return Math.min(2 * size, planChangesMax);
}

/** What follows a member's failure is carried out when its batch has ended. */
async function carryOutMember(
  action: Action,
  tools: PlanTools,
  outcome: Outcome,
  expected: boolean | undefined,
): Promise<void> {
  if (action.do === 'create') return create(action, tools);
  if (action.do !== 'delete') return carryOutAction(action, tools, outcome);
  const wasThere = await remove(action, tools);
  // What is gone already may have been seen to go before it was expected. Lowering an expectation twice does
  // no harm.
  if (!wasThere && expected) lower(action, tools);
}

function expect(actions: readonly Action[], { own, key }: PlanTools): void {
  const uids = actions.flatMap((action) => (action.do === 'delete' && action.uid ? [action.uid] : []));
  own.expectations.expect(key, countCreations(actions), uids);
}

function lower(action: Action, { own, key }: PlanTools): void {
  if (action.do === 'create') own.expectations.creationSeen(key);
  else if (action.do === 'delete' && action.uid) own.expectations.deletionSeen(key, action.uid);
}

/** A plan may create less than was allowed, and some of that may fail. */
function settleAllowance(
  { actions, allowance }: TogetherAction,
  notDone: readonly Action[],
  { pace }: PlanTools,
): void {
  if (!allowance) return;
  const created = countCreations(actions) - countCreations(notDone);
  pace.giveBack(allowance, allowance.count - created);
}

function countCreations(actions: readonly Action[]): number {
  return actions.filter((action) => action.do === 'create').length;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
