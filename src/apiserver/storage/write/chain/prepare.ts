/**
 * Prepares the object for the store: the server keeps status, system metadata and generation, and a subresource
 * changes only its own part.
 */

import type { AnyObject } from '#api/meta/object.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { rfc3339 } from '#base/clock.ts';
import { equalJson } from '#wire/json/canonical.ts';
import type { ServedResource } from '../../../registry/served-resource.ts';
import { keepOnlyPart } from '../subresource-parts.ts';
import type { ObjectWrite } from '../write.ts';

export function prepare(write: ObjectWrite): void {
  if (write.operation === 'CREATE') prepareCreate(write);
  else prepareUpdate(write, write.old!);
}

function prepareCreate(write: ObjectWrite): void {
  const { served, object, parts, user } = write;
  for (const text of served.strategy.warningsBeforeCreate?.(object) ?? []) write.warn(text);
  served.strategy.dropDisabled?.(object);
  served.strategy.prepareForCreate?.(object, rfc3339(parts.env.clock.now()), user);
  // The generation of a kind that has none is the client's, as any other field.
  const { hasGeneration, isCountedFromChanges } = served.strategy;
  if (hasGeneration && !isCountedFromChanges) object.metadata!.generation = 1;
}

function prepareUpdate({ served, object, subresource, parts }: ObjectWrite, old: AnyObject): void {
  const managedFields = object.metadata?.managedFields;
  const now = rfc3339(parts.env.clock.now());
  const sent = served.strategy.comparesAsSent && isSameSpec(served, object, old);
  if (subresource === '') {
    served.strategy.dropDisabled?.(object);
    served.strategy.prepareForUpdate?.(object, old, now);
  } else keepOnlyPart(served.strategy, subresource, object, old, now);
  keepSystemMetadata(object, old);
  // `manageFields` has set them already, for writes of subresources too.
  if (managedFields) object.metadata!.managedFields = managedFields;
  else if (object.metadata!.managedFields) delete object.metadata!.managedFields;
  const generation = old.metadata?.generation;
  if (generation === undefined) delete object.metadata!.generation;
  else object.metadata!.generation = generation;
  if (!served.strategy.hasGeneration || subresource === 'status') return;
  if (!(sent ?? isSameSpec(served, object, old))) {
    object.metadata!.generation = (generation ?? 0) + 1;
  }
}

/** Keeps the metadata that a request may omit and that no client may remove. */
function keepSystemMetadata(object: AnyObject, old: AnyObject): void {
  object.metadata ??= {};
  const meta = object.metadata;
  const was = old.metadata ?? {};
  meta.uid ||= was.uid;
  meta.creationTimestamp = was.creationTimestamp;
  // A deletionTimestamp that a client sets on an object that is not terminating stays: validation rejects it.
  if (was.deletionTimestamp) meta.deletionTimestamp = was.deletionTimestamp;
  if (was.deletionGracePeriodSeconds !== undefined) {
    meta.deletionGracePeriodSeconds ??= was.deletionGracePeriodSeconds;
  }
}

function isSameSpec({ strategy, def, schema }: ServedResource, object: AnyObject, old: AnyObject): boolean {
  const specOf = strategy.specOf ?? ((object: AnyObject) => ({ spec: object['spec'] }));
  if (strategy.comparesLiterally) return equalJson(specOf(object), specOf(old));
  return deepEqual(specOf(object), specOf(old), def.type, schema);
}
