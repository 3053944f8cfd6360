/**
 * The single steps of a plan: one write, one event, one question to the server. What follows them is in
 * `plan-runner.ts`.
 */

import type { KubeObject, Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import type {
  AssertLiveAction,
  CreateAction,
  DeleteAction,
  EventAction,
  Ignored,
  PatchAction,
  Target,
  UpdateAction,
  UpdateStatusAction,
} from './plan.ts';
import type { PlanTools } from './plan-tools.ts';
import type { Outcome } from './special.ts';

export function create(
  { type, object }: CreateAction,
  { key, pace, client }: PlanTools,
): Promise<Stored<KubeObject>> {
  return pace.write(key, () => client.create<KubeObject>(type, object));
}

/** Returns whether it was there. */
export async function remove(action: DeleteAction, { key, pace, client }: PlanTools): Promise<boolean> {
  const { type, uid, ignore } = action;
  const options = { ...(uid === undefined ? {} : { preconditions: { uid } }), ...action.options };
  try {
    await pace.write(key, () => client.delete(type, keyIn(action), options));
    return true;
  } catch (error) {
    if (isIgnored(error, ['NotFound']) || isIgnored(error, ignore)) return false;
    throw error;
  }
}

export async function update(action: UpdateAction, { client, own }: PlanTools): Promise<void> {
  const { type, object, subresource, ignore } = action;
  try {
    const stored = await client.update<KubeObject>(type, object, inSubresource(subresource));
    own.wrote(type, stored);
  } catch (error) {
    if (!isIgnored(error, ignore)) throw error;
  }
}

export async function updateStatus(
  { type, object, failureIn }: UpdateStatusAction,
  { client, own }: PlanTools,
  { error }: Outcome,
): Promise<void> {
  const status = failureIn === undefined || !error ? object : withFailure(object, failureIn, error);
  own.wrote(type, await client.updateStatus<KubeObject>(type, status));
}

/** Returns whether it was done. */
export async function patch(action: PatchAction, { key, pace, client, own }: PlanTools): Promise<boolean> {
  const { type, patchType, patch: body, subresource, fieldManager, ignore } = action;
  const manager = fieldManager === undefined ? {} : { fieldManager };
  const options = {
    ...inSubresource(subresource),
    ...manager,
    ...(patchType === 'apply' ? { force: true } : {}),
  };
  try {
    const stored = await pace.write(key, () => client.patch(type, keyIn(action), patchType, body, options));
    own.wrote(type, stored);
    return true;
  } catch (error) {
    if (isIgnored(error, ignore)) return false;
    throw error;
  }
}

export function recordEvent(
  { regarding, eventType, reason, message, ends }: EventAction,
  { recorder }: PlanTools,
  { created, error }: Outcome,
): void {
  const ending = { name: created?.metadata.name, error: error?.message };
  recorder.event(regarding, eventType, reason, ends ? `${message}${ending[ends] ?? ''}` : message);
}

export async function assertLive(action: AssertLiveAction, { client }: PlanTools): Promise<void> {
  const { type, namespace, name, uid } = action;
  const { metadata } = await client.get(type, keyIn(action));
  if (metadata.uid !== uid) throw new Error(`original ${type.kind} ${namespace}/${name} is gone`);
  if (metadata.deletionTimestamp) throw new Error(`${namespace}/${name} has just been deleted`);
}

function keyIn({ namespace, name }: Target): { namespace?: string; name: string } {
  return namespace === undefined ? { name } : { namespace, name };
}

function inSubresource(subresource: string | undefined): { subresource?: string } {
  return subresource === undefined ? {} : { subresource };
}

function isIgnored(error: unknown, ignored: Ignored = []): boolean {
  if (!(error instanceof StatusError)) return false;
  return ignored === 'any' || ignored.includes(error.reason);
}

type Conditions = readonly { readonly type: string; readonly message?: string }[];

function withFailure(object: KubeObject, conditionType: string, error: Error): KubeObject {
  const { status = {} } = object as { status?: { conditions?: Conditions } };
  const conditions = status.conditions?.map((condition) =>
    condition.type === conditionType
      ? { ...condition, message: `${condition.message ?? ''}${error.message}` }
      : condition,
  );
  return { ...object, status: { ...status, conditions } } as KubeObject;
}
