/**
 * Creates an object: system metadata, the write chain, and a put that expects no object under the key. A generated
 * name is one that no object has.
 */

import type { AnyObject } from '#api/meta/object.ts';
import { alreadyExists, StatusError, unknownError } from '#api/meta/status.ts';
import { rfc3339 } from '#base/clock.ts';
import { randomSuffix } from '#base/random.ts';
import { spliceRevision } from '../../cache/stored-bytes.ts';
import type { ServedResource } from '../../registry/served-resource.ts';
import type { StorageParts } from '../../registry/storage-parts.ts';
import { memoryShort } from '../store-failure.ts';
import { putObject } from './commit-object.ts';
import { encodeWrite } from './encode-write.ts';
import { tryWrite } from './try-write.ts';
import type { ObjectWrite, WriteContext, Written } from './write.ts';

/** Upstream's number of attempts to generate a name. */
const drawsMax = 8;
/** A name is at most a DNS label, of which five characters are random. */
const generateBaseMax = 58;

export function createObject(
  parts: StorageParts,
  served: ServedResource,
  namespace: string,
  object: AnyObject,
  context: WriteContext,
): Promise<Written> {
  const generates = !object.metadata?.name && Boolean(object.metadata?.generateName);
  if (generates) return createWithDrawnName(parts, served, namespace, object, context);
  return createOnce(parts, served, namespace, object, context, undefined);
}

async function createWithDrawnName(
  parts: StorageParts,
  served: ServedResource,
  namespace: string,
  object: AnyObject,
  context: WriteContext,
): Promise<Written> {
  const prefix = object.metadata!.generateName!;
  const name = drawnName(parts, served, namespace, prefix);
  object.metadata!.name = name;
  try {
    return await createOnce(parts, served, namespace, object, context, prefix);
  } catch (error) {
    throw error instanceof NameTaken ? noUniqueName(served, name) : error;
  }
}

/**
 * A name that is free when it is drawn. Another write may take it meanwhile, one time in ten million for each: to try again
 * then, as upstream does, each object would have to be copied.
 */
function drawnName(parts: StorageParts, served: ServedResource, namespace: string, prefix: string): string {
  const { index } = served.storage!.cache;
  const where = served.def.namespaced ? namespace : '';
  for (let draws = 1; ; draws++) {
    const name = prefix.slice(0, generateBaseMax) + randomSuffix(parts.env.random);
    if (draws === drawsMax || !index.get(where, name)) return name;
  }
}

export class NameTaken extends StatusError {}

/** The error of a generated name that exists: the client may retry. */
function noUniqueName({ def }: ServedResource, name: string): StatusError {
  const { status } = alreadyExists(def, name);
  return new StatusError({
    ...status,
    message: `${status.message}, the server was not able to generate a unique name for the object`,
    details: { ...status.details, retryAfterSeconds: 1 },
  });
}

function createOnce(
  parts: StorageParts,
  served: ServedResource,
  namespace: string,
  object: AnyObject,
  context: WriteContext,
  generateName: string | undefined,
): Promise<Written> {
  const { resourceVersion } = object.metadata ?? {};
  fillMetadata(parts, served, namespace, object);
  const storage = served.storage!;
  const name = object.metadata!.name ?? '';
  const write: ObjectWrite = {
    ...context,
    parts,
    served,
    storage,
    course: context.checked ? 'object' : 'bookkeeping',
    operation: 'CREATE',
    namespace,
    name,
    generateName,
    view: undefined,
    revision: 0,
    object,
    old: undefined,
    allocation: undefined,
  };
  return tryWrite(write, () => {
    // As upstream: found only by the store, which a dry run does not reach, and without a code of its own.
    if (resourceVersion && resourceVersion !== '0' && !context.dryRun) {
      throw unknownError('resourceVersion should not be set on objects to be created');
    }
    return store(write);
  });
}

async function store(write: ObjectWrite): Promise<Written> {
  const { parts, storage, namespace, name } = write;
  write.served.strategy.setStoredDefaults?.(write.object);
  if (write.dryRun) {
    if (storage.cache.index.get(namespace, name)) throw taken(write);
    return { bytes: Buffer.from(JSON.stringify(write.object)), created: true };
  }
  if (parts.memory.isShort && !(await parts.memory.regained())) throw memoryShort();
  const { conversion } = write.served;
  if (conversion?.aheadOfStoring) await conversion.aheadOfStoring(write.object);
  const encoded = encodeWrite(write);
  const result = await putObject(parts, storage, { namespace, name, expected: 0 }, encoded);
  if (typeof result !== 'number') throw taken(write);
  return { bytes: spliceRevision(encoded.answer, result), created: true };
}

function taken({ served, storage, namespace, name }: ObjectWrite): NameTaken {
  const { status } = alreadyExists(served.def, name);
  const isTerminating =
    storage.cache.index.get(namespace, name)?.object().metadata?.deletionTimestamp !== undefined;
  return new NameTaken(
    isTerminating ? { ...status, message: `object is being deleted: ${status.message}` } : status,
  );
}

function fillMetadata(
  parts: StorageParts,
  served: ServedResource,
  namespace: string,
  object: AnyObject,
): void {
  object.kind = served.def.kind;
  object.apiVersion = served.apiVersion;
  object.metadata ??= {};
  const meta = object.metadata;
  if (served.def.namespaced) meta.namespace = namespace;
  else delete meta.namespace;
  meta.uid = parts.env.random.uuid();
  meta.creationTimestamp = rfc3339(parts.env.clock.now());
  delete meta.resourceVersion;
  delete meta.deletionTimestamp;
  delete meta.deletionGracePeriodSeconds;
  delete meta.selfLink;
}
