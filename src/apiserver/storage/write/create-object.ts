/**
 * Creates an object: system metadata, the write chain, and a put that expects no object under the key. A generated
 * name that is taken is drawn again.
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

/** Upstream's number of attempts to generate a name (`maxNameGenerationCreateAttempts`). */
const drawsMax = 8;
/** A name is at most a DNS label, of which five characters are random. */
const generateBaseMax = 58;

/**
 * `readAgain` gives the requested object as it was, for another attempt at a generated name: an attempt changes its object.
 * Absent: a name that another write takes while the object is created is a 409 at once.
 */
export function createObject(
  parts: StorageParts,
  served: ServedResource,
  namespace: string,
  object: AnyObject,
  context: WriteContext,
  readAgain?: () => AnyObject,
): Promise<Written> {
  const { name, generateName } = object.metadata ?? {};
  if (name || !generateName) return createOnce(parts, served, namespace, object, context, undefined);
  return createWithDrawnName(parts, served, namespace, { object, prefix: generateName, readAgain }, context);
}

/**
 * Names that the cache knows are passed over. Another write may take the drawn one meanwhile: then the whole chain
 * runs again, mutating admission too, which upstream does not repeat. To repeat less, each object would have to be copied.
 */
async function createWithDrawnName(
  parts: StorageParts,
  served: ServedResource,
  namespace: string,
  {
    object,
    prefix,
    readAgain,
  }: { object: AnyObject; prefix: string; readAgain?: (() => AnyObject) | undefined },
  context: WriteContext,
): Promise<Written> {
  const where = served.def.namespaced ? namespace : '';
  for (let draws = 1, attempt = object; ; draws++) {
    const name = prefix.slice(0, generateBaseMax) + randomSuffix(parts.env.random);
    const isLast = draws === drawsMax;
    if (!isLast && served.storage!.cache.index.get(where, name)) continue;
    attempt.metadata!.name = name;
    try {
      return await createOnce(parts, served, namespace, attempt, context, prefix);
    } catch (error) {
      if (!(error instanceof NameTaken) || isLast || !readAgain) throw error;
      attempt = readAgain();
    }
  }
}

export class NameTaken extends StatusError {}

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
  const isGenerated = Boolean(write.object.metadata?.generateName);
  if (write.dryRun) {
    if (storage.cache.index.get(namespace, name)) throw taken(write, isGenerated);
    return { bytes: Buffer.from(JSON.stringify(write.object)), created: true };
  }
  if (parts.memory.isShort && !(await parts.memory.regained())) throw memoryShort();
  const { conversion } = write.served;
  if (conversion?.aheadOfStoring) await conversion.aheadOfStoring(write.object);
  const encoded = encodeWrite(write);
  const result = await putObject(parts, storage, { namespace, name, expected: 0 }, encoded);
  if (typeof result !== 'number') throw taken(write, isGenerated);
  return { bytes: spliceRevision(encoded.answer, result), created: true };
}

/** As upstream, a `generateName` beside a name that the client has chosen is blamed too. */
function taken({ served, storage, namespace, name }: ObjectWrite, isGenerated: boolean): NameTaken {
  const { status } = alreadyExists(served.def, name);
  if (isGenerated) {
    status.message += ', the server was not able to generate a unique name for the object';
    status.details = { ...status.details, retryAfterSeconds: 1 };
  }
  const isTerminating =
    storage.cache.index.get(namespace, name)?.object().metadata?.deletionTimestamp !== undefined;
  if (isTerminating) status.message = `object is being deleted: ${status.message}`;
  return new NameTaken(status);
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
