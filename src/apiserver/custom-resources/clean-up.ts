/**
 * Finalizes a terminating CustomResourceDefinition: deletes its custom objects, then removes the finalizer. As
 * upstream's finalizer controller, with its conditions.
 */

import { customResourceDefinitions } from '#api/generated/kinds.gen.ts';
import type { CustomResourceDefinition } from '#api/generated/types.gen.ts';
import { cleanUpFinalizer } from '#api/kinds/extensions/custom-resource-definition.ts';
import { isConditionTrue } from '#api/meta/conditions.ts';
import type { Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { rfc3339 } from '#base/clock.ts';
import { copyJson } from '#base/copy-json.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import type { ObjectReader } from '../contract/stored-objects.ts';
import { type ConditionChange, setCondition } from './conditions.ts';
import type { ServedDefinitions } from './served-definitions.ts';

interface CleanUpParts {
  readonly env: Env;
  readonly client: Client;
  readonly reader: ObjectReader;
  readonly served: ServedDefinitions;
}

type Definition = Stored<CustomResourceDefinition>;

export function isCleaningUp({ metadata }: Definition): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).includes(cleanUpFinalizer);
}

/** What a clean-up depends on of a definition: equal for two that differ in the Terminating condition alone. */
export function formForCleanUp({ metadata, status }: Definition): string {
  const { uid, generation, finalizers, deletionTimestamp } = metadata;
  const others = status?.conditions?.filter(({ type }) => type !== 'Terminating');
  return JSON.stringify([uid, generation, finalizers, deletionTimestamp, others]);
}

/** As upstream: checks for remaining objects every 5 s for a minute, and then begins again. */
const checkMs = 5000;
const checksMax = 12;

export async function cleanUp(parts: CleanUpParts, definition: Definition): Promise<void> {
  const marked = await writeCondition(parts, definition, inProgress);
  const condition = isConditionTrue(marked.status, 'Established')
    ? await deleteObjects(parts, marked)
    : neverEstablished;
  const changed = copyJson(marked);
  setCondition(changed, condition, rfc3339(parts.env.clock.now()));
  if (condition.status === 'True') {
    await parts.client.updateStatus(customResourceDefinitions, changed);
    throw new Error(condition.message);
  }
  changed.metadata.finalizers = changed.metadata.finalizers!.filter((name) => name !== cleanUpFinalizer);
  await parts.client.updateStatus(customResourceDefinitions, changed);
}

async function writeCondition(
  { client, env }: CleanUpParts,
  definition: Definition,
  condition: ConditionChange,
): Promise<Definition> {
  const changed = copyJson(definition);
  setCondition(changed, condition, rfc3339(env.clock.now()));
  return client.updateStatus(customResourceDefinitions, changed);
}

async function deleteObjects(parts: CleanUpParts, definition: Definition): Promise<ConditionChange> {
  const { served, reader, client, env } = parts;
  await served.serve(definition);
  // Most objects are stored in this version, and need no conversion.
  const stored = definition.spec.versions.find(({ storage }) => storage)!.name;
  const type = served.typesOf(definition.metadata.name).find(({ version }) => version === stored)!;
  try {
    await deleteAll(client, type, reader);
  } catch (error) {
    return failed('InstanceDeletionFailed', `could not issue all deletes: ${(error as Error).message}`);
  }
  for (let checks = 0; checks < checksMax; checks++) {
    if (reader.list(type).length === 0) return completed;
    await new Promise<void>((resolve) => env.clock.after(checkMs, resolve));
  }
  const why = 'timed out waiting for the condition';
  return failed('InstanceDeletionCheck', `could not confirm zero CustomResources remaining: ${why}`);
}

async function deleteAll(client: Client, type: ResourceType, reader: ObjectReader): Promise<void> {
  const namespaces = new Set(reader.list(type).map(({ metadata }) => metadata?.namespace ?? ''));
  for (const namespace of namespaces) {
    await client.deleteCollection(type, namespace === '' ? {} : { namespace });
  }
}

const inProgress: ConditionChange = {
  type: 'Terminating',
  status: 'True',
  reason: 'InstanceDeletionInProgress',
  message: 'CustomResource deletion is in progress',
};

const completed: ConditionChange = {
  type: 'Terminating',
  status: 'False',
  reason: 'InstanceDeletionCompleted',
  message: 'removed all instances',
};

const neverEstablished: ConditionChange = {
  type: 'Terminating',
  status: 'False',
  reason: 'NeverEstablished',
  message: 'resource was never established',
};

function failed(reason: string, message: string): ConditionChange {
  return { type: 'Terminating', status: 'True', reason, message };
}
