/**
 * Encodes a write before it waits for the disk, and releases its objects: many writes wait at once, and each young
 * garbage collection would copy the objects of all of them (21 µs of a pod's creation instead of 9).
 */

import type { AnyObject } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import { encodeObject } from '#wire/json/canonical.ts';
import type { Encoded } from './commit-object.ts';
import { refuseTooLarge } from './object-size.ts';
import type { ObjectWrite } from './write.ts';

export interface EncodedWrite extends Encoded {
  /** In the served version, without a resourceVersion. */
  readonly answer: Uint8Array;
}

const released: AnyObject = Object.freeze({});

/** Releases `object` and `old` of the write. */
export function encodeWrite(write: ObjectWrite): EncodedWrite {
  const { served, storage, object } = write;
  mustBeItself(write);
  const [stored, value] = withinSize(write);
  const answer = served.conversion ? encodeObject(object) : value;
  const selectable = storage.cache.selectableOf(stored);
  const isDeleting = stored.metadata?.deletionTimestamp !== undefined;
  write.object = released;
  write.old = undefined;
  return { value, answer, selectable, isDeleting };
}

/** An object that is too large with its managedFields is stored without them, unless it was applied. */
function withinSize(write: ObjectWrite): [AnyObject, Uint8Array] {
  try {
    return encoded(write);
  } catch (error) {
    const hasManagers = write.object.metadata?.managedFields !== undefined;
    if (!(error instanceof StatusError && hasManagers && write.manager !== undefined)) throw error;
    delete write.object.metadata!.managedFields;
    return encoded(write);
  }
}

function encoded(write: ObjectWrite): [AnyObject, Uint8Array] {
  const { served, object } = write;
  const stored = served.conversion ? served.conversion.toStored(object) : object;
  const value = encodeObject(stored);
  refuseTooLarge(write, value);
  return [stored, value];
}

/** The last check: no object is stored under a key of another name or namespace. */
function mustBeItself({ object, namespace, name }: ObjectWrite): void {
  const { name: given, namespace: where = '' } = object.metadata ?? {};
  if (given !== name || where !== namespace || name === '') {
    throw new Error(`an object called ${where}/${given} was about to be stored as ${namespace}/${name}`);
  }
}
