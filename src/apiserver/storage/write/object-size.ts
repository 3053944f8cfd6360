/**
 * Rejects objects that etcd would reject, so that a cluster can move to etcd. etcd counts the bytes of
 * kube-apiserver's request: protobuf, and the key three times. Its errors have no code of their own.
 */

import type { AnyObject } from '#api/meta/object.ts';
import { requestEntityTooLarge, unknownError } from '#api/meta/status.ts';
import { leastMessageBytes } from '#api/protobuf/size.ts';
import { encodeObject } from '#wire/json/canonical.ts';
import type { JsonObject } from '#wire/json/value.ts';
import { exceededByValue, exceededLimit, longBytesMin } from '#wire/json/values-limit.ts';
import { envelopedMessage, objectMetaType } from '../../codec/encode/protobuf-response.ts';
import { keyOf, type ServedResource } from '../../registry/served-resource.ts';
import type { ObjectWrite } from './write.ts';

/** etcd's `--max-request-bytes`. */
export const requestBytesMax = 1.5 * 1024 * 1024;
/** The limit of etcd's client. */
const messageBytesMax = 2 * 1024 * 1024;
/** Bytes of a transaction besides its keys and the value. */
const frameBytes = 64;
/** Protobuf is never longer than JSON: shorter objects need no check. */
const jsonBytesSafe = requestBytesMax - 4096;

export function refuseTooLarge(write: ObjectWrite, json: Uint8Array): void {
  refuseTooMany(write, exceededLimit(json));
  if (json.length <= jsonBytesSafe) return;
  const { served, storage, object, namespace, name } = write;
  const value = served.kind.isJsonOnly ? json : protobufOf(served, object);
  refuse(value.length + 3 * keyOf(storage, namespace, name).length + frameBytes);
}

/** An object that is much too large is not encoded as protobuf. */
function protobufOf({ schema, def }: ServedResource, object: AnyObject): Uint8Array {
  refuse(leastMessageBytes(schema, def.type, object as JsonObject));
  return envelopedMessage(schema, def.type, object);
}

/**
 * An object that grows patch by patch would make each later patch more expensive than a body may be. An object that
 * has too many keys already may be changed.
 */
function refuseTooMany({ old }: ObjectWrite, tooMany: string | undefined): void {
  if (tooMany === undefined || (old && exceededLimit(encodeObject(old)))) return;
  throw requestEntityTooLarge(`Request entity too large: the object has ${tooMany}`);
}

/**
 * A stage of a write, when the object has its defaults and the fields that it keeps: a small one is judged by its bytes
 * when it is written, a large one before it is validated and written in vain. It may be stored without its managedFields.
 */
export function refuseTooManyValues(write: ObjectWrite): void {
  const { object, served, bodyBytes = 0 } = write;
  if (bodyBytes <= longBytesMin || served.conversion) return;
  const { managedFields: _, ...metadata } = object.metadata ?? {};
  refuseTooMany(write, exceededByValue({ ...object, metadata }));
}

function refuse(bytes: number): void {
  if (bytes > messageBytesMax) {
    const why = `trying to send message larger than max (${bytes} vs. ${messageBytesMax})`;
    throw unknownError(`rpc error: code = ResourceExhausted desc = ${why}`);
  }
  if (bytes > requestBytesMax) throw unknownError('etcdserver: request is too large');
}

/**
 * The object of a shorter body is never too large, even with all the aliases that YAML may have.
 */
const bodyBytesSafe = 16 * 1024;
/** Fields that are not stored as they are sent: managedFields has other rules, stringData is stored as `data`. */
const replaced = new Set(['status', 'stringData', 'metadata']);

/** A stage of a write, before its defaults. The object of a shorter body can be too large only by aliases, copies or defaults. */
export function refuseIfBodyIsLonger(write: ObjectWrite): void {
  if ((write.bodyBytes ?? 0) > requestBytesMax) refuseCertainlyTooLarge(write);
}

/**
 * A stage of a write, before the stages whose time grows with the object. Counts only what is certainly stored: no
 * defaults, and no fields that an update may take from the current object.
 */
export function refuseCertainlyTooLarge({ served, object, subresource, bodyBytes = 0 }: ObjectWrite): void {
  const { schema, kind } = served;
  if (bodyBytes <= bodyBytesSafe || subresource !== '' || kind.keepsSpec || kind.boundsData) return;
  const { managedFields: _, ...metadata } = object.metadata ?? {};
  if (kind.isJsonOnly) {
    if (bodyBytes <= requestBytesMax) return;
    refuse(JSON.stringify({ ...object, metadata, status: undefined }).length);
    return;
  }
  const ofMetadata = leastMessageBytes(schema, objectMetaType, metadata as JsonObject);
  refuse(ofMetadata + leastMessageBytes(schema, served.def.type, object as JsonObject, replaced));
}
