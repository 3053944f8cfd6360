/** Carries a plan out, step by step; the first step that fails ends it. */

import { isNamespaceTerminating, StatusError } from '#api/meta/status.ts';
import type { Client } from '../client.ts';
import type { EventRecorder } from '../events/recorder.ts';
import { planChangesMax, type WritePace } from '../queue/write-pace.ts';
import type { Action, ActionFailure, CreateAction, DeleteAction } from './controller.ts';

export interface PlanTools {
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly pace: WritePace;
}

type Together = Extract<Action, { do: 'together' }>;

export async function carryOut(actions: readonly Action[], tools: PlanTools): Promise<void> {
  for (const action of actions) await carryOutOne(action, tools);
}

async function carryOutOne(action: Action, tools: PlanTools): Promise<void> {
  const { client, recorder } = tools;
  switch (action.do) {
    case 'create':
      return create(action, tools);
    case 'delete':
      await remove(action, tools);
      return;
    case 'together':
      return together(action, tools);
    case 'update':
      await client.update(action.type, action.object);
      return;
    case 'updateStatus': {
      const stored = await client.updateStatus(action.type, action.object);
      action.onStored?.(stored);
      return;
    }
    case 'patch': {
      const { type, name, namespace, patchType, patch, subresource } = action;
      const at = namespace === undefined ? { name } : { namespace, name };
      const options = subresource === undefined ? {} : { subresource };
      await tools.pace.write(() => client.patch(type, at, patchType, patch, options));
      return;
    }
    case 'event':
      recorder.event(action.regarding, action.eventType, action.reason, action.message);
      return;
    case 'run':
      return tools.pace.write(() => action.run(client));
    case 'lookUp':
      return carryOut(await action.lookUp(client), tools);
  }
}

async function create(action: CreateAction, tools: PlanTools): Promise<void> {
  const created = await tools.pace.write(() => tools.client.create(action.type, action.object));
  if (action.afterwards)
    await carryOut(action.afterwards(created as Parameters<typeof action.afterwards>[0]), tools);
}

/** Returns whether it was there. */
async function remove(action: DeleteAction, tools: PlanTools): Promise<boolean> {
  const { type, name, namespace, uid } = action;
  const preconditions = uid === undefined ? {} : { preconditions: { uid } };
  const at = namespace === undefined ? { name } : { namespace, name };
  try {
    await tools.pace.write(() => tools.client.delete(type, at, { ...preconditions, ...action.options }));
  } catch (error) {
    if (error instanceof StatusError && error.code === 404) return false;
    throw error;
  }
  if (action.afterwards) await carryOut(action.afterwards(), tools);
  return true;
}

async function together(action: Together, tools: PlanTools): Promise<void> {
  const { actions, slowStart, expectations } = action;
  const uids = actions.flatMap((one) => (one.do === 'delete' && one.uid ? [one.uid] : []));
  const creations = actions.filter((one) => one.do === 'create').length;
  expectations?.book.expect(expectations.key, creations, uids);
  const failures: ActionFailure[] = [];
  let next = 0;
  for (let size = slowStart ? 1 : planChangesMax; next < actions.length; size = batchAfter(size)) {
    const batch = actions.slice(next, next + size);
    next += batch.length;
    const results = await Promise.allSettled(batch.map((one) => carryOutExpected(one, tools, expectations)));
    for (const [i, result] of results.entries()) {
      if (result.status === 'fulfilled') continue;
      failures.push({ action: batch[i]!, error: asError(result.reason) });
    }
    if (failures.length > 0) break;
  }
  if (failures.length === 0) return;
  const notDone = [...failures.map((failed) => failed.action), ...actions.slice(next)];
  action.allowance?.giveBack(notDone.filter((one) => one.do === 'create').length);
  if (expectations) for (const one of notDone) lower(expectations, one);
  const reported = failures.filter(({ error }) => !isNamespaceTerminating(error));
  if (reported.length === 0) return carryOut(action.whenNamespaceGoes?.() ?? [], tools);
  if (action.afterFailure) await carryOut(action.afterFailure(reported), tools);
  throw reported[0]!.error;
}

function batchAfter(size: number): number {
  return Math.min(2 * size, planChangesMax);
}

/**
 * What is gone already will not be seen to go: its going may have been seen before it was expected. Lowering an
 * expectation twice does no harm.
 */
async function carryOutExpected(
  action: Action,
  tools: PlanTools,
  expectations: Together['expectations'],
): Promise<void> {
  if (action.do !== 'delete') return carryOutOne(action, tools);
  const wasThere = await remove(action, tools);
  if (!wasThere && expectations) lower(expectations, action);
}

function lower(expectations: NonNullable<Together['expectations']>, action: Action): void {
  if (action.do === 'create') expectations.book.creationSeen(expectations.key);
  else if (action.do === 'delete' && action.uid) expectations.book.deletionSeen(expectations.key, action.uid);
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
