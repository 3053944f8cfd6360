/**
 * No object is stored that etcd would not take, so that a cluster can move to one. etcd counts what
 * kube-apiserver sends it: protobuf, and the key three times. Its answers have no code of their own.
 */

import type { AnyObject } from '#api/meta/object.ts';
import { requestEntityTooLarge, unknownError } from '#api/meta/status.ts';
import { leastMessageBytes } from '#api/protobuf/size.ts';
import { encodeObject } from '#wire/json/canonical.ts';
import type { JsonObject } from '#wire/json/value.ts';
import { exceededLimit } from '#wire/json/values-limit.ts';
import { envelopedMessage, objectMetaType } from '../../codec/encode/protobuf-response.ts';
import { keyOf, type ServedResource } from '../../registry/served-resource.ts';
import type { ObjectWrite } from './write.ts';

/** etcd's `--max-request-bytes`. */
export const requestBytesMax = 1.5 * 1024 * 1024;
/** Of etcd's client. */
const messageBytesMax = 2 * 1024 * 1024;
/** What a transaction has besides its keys and the value. */
const frameBytes = 64;
/** Protobuf is never longer than JSON: what is shorter than this needs no look. */
const jsonBytesSafe = requestBytesMax - 4096;

export function refuseTooLarge(write: ObjectWrite, json: Uint8Array): void {
  refuseTooManyParts(write, json);
  if (json.length <= jsonBytesSafe) return;
  const { served, storage, object, namespace, name } = write;
  const value = served.kind.isJsonOnly ? json : protobufOf(served, object);
  refuse(value.length + 3 * keyOf(storage, namespace, name).length + frameBytes);
}

/** What is much too large is not encoded. */
function protobufOf({ schema, def }: ServedResource, object: AnyObject): Uint8Array {
  refuse(leastMessageBytes(schema, def.type, object as JsonObject));
  return envelopedMessage(schema, def.type, object);
}

/**
 * What grows patch by patch would cost each later one more than a body may. An object that has too many
 * already may be changed.
 */
function refuseTooManyParts({ old }: ObjectWrite, json: Uint8Array): void {
  const tooMany = exceededLimit(json);
  if (tooMany === undefined || (old && exceededLimit(encodeObject(old)))) return;
  throw requestEntityTooLarge(`Request entity too large: the object has ${tooMany}`);
}

function refuse(bytes: number): void {
  if (bytes > messageBytesMax) {
    const why = `trying to send message larger than max (${bytes} vs. ${messageBytesMax})`;
    throw unknownError(`rpc error: code = ResourceExhausted desc = ${why}`);
  }
  if (bytes > requestBytesMax) throw unknownError('etcdserver: request is too large');
}

/**
 * No body that is shorter becomes too large by what it says itself, not with all the aliases that YAML may
 * have.
 */
const bodyBytesSafe = 16 * 1024;
/** Not stored as a writer sends it: the first by other rules, the second as `data`. */
const replaced = new Set(['status', 'stringData', 'metadata']);

/**
 * A stage of a write, before anything is done that takes time for each part of a large object. Only what is
 * certain to be stored counts: no default, and nothing that an update may take from the object as it is.
 */
export function refuseCertainlyTooLarge({ served, object, subresource, bodyBytes = 0 }: ObjectWrite): void {
  const { schema, kind } = served;
  if (bodyBytes <= bodyBytesSafe || subresource !== '' || kind.keepsSpec) return;
  const { managedFields: _, ...metadata } = object.metadata ?? {};
  if (kind.isJsonOnly) {
    if (bodyBytes <= requestBytesMax) return;
    refuse(JSON.stringify({ ...object, metadata, status: undefined }).length);
    return;
  }
  const ofMetadata = leastMessageBytes(schema, objectMetaType, metadata as JsonObject);
  refuse(ofMetadata + leastMessageBytes(schema, served.def.type, object as JsonObject, replaced));
}
