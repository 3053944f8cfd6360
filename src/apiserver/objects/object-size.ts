/**
 * No object is stored that etcd would not take, so that a cluster can move to one. etcd counts what kube-apiserver sends it:
 * protobuf, and the key three times. Its answers have no code of their own.
 */

import { unknownError } from '#api/status.ts';
import { envelopedMessage } from '../encode/protobuf-response.ts';
import { keyOf } from '../resources.ts';
import type { Write } from './write.ts';

/** etcd's `--max-request-bytes`. */
const requestBytesMax = 1.5 * 1024 * 1024;
/** Of etcd's client. */
const messageBytesMax = 2 * 1024 * 1024;
/** What a transaction has besides its keys and the value. */
const frameBytes = 64;
/** Protobuf is never longer than JSON: what is shorter than this needs no look. */
const jsonBytesSafe = requestBytesMax - 4096;

export function refuseTooLarge(write: Write, json: Uint8Array): void {
  if (json.length <= jsonBytesSafe) return;
  const { core, served, storage, object, namespace, name } = write;
  const value = envelopedMessage(core.schema, served.def.type, object);
  const bytes = value.length + 3 * keyOf(storage, namespace, name).length + frameBytes;
  if (bytes > messageBytesMax) {
    const why = `trying to send message larger than max (${bytes} vs. ${messageBytesMax})`;
    throw unknownError(`rpc error: code = ResourceExhausted desc = ${why}`);
  }
  if (bytes > requestBytesMax) throw unknownError('etcdserver: request is too large');
}
