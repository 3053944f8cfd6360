/** The EncryptedObject that KMS v2 stores for each value: decoded and validated, with upstream's messages. */

import { createHash } from 'node:crypto';
import { dns1123Subdomain } from '#api/validation/validators.ts';
import { decodeMessage, type KmsMessages } from './messages.ts';

export type EncryptedObject = KmsMessages['EncryptedObject'];

const idBytesMax = 1024;
const sourceBytesMax = 1024;
const annotationBytesMax = 32 * 1024;
/** Values of `encryptedDEKSourceType`. */
const ofKey = 0;
export const ofSeed = 1;

/** Decodes a stored value; throws with upstream's message for an invalid one. */
export function encryptedObjectIn(data: Uint8Array): EncryptedObject {
  const object = decodeMessage('EncryptedObject', data);
  checkEncryptedObject(object);
  return object;
}

/** Throws with upstream's message. */
export function checkEncryptedObject(object: EncryptedObject): void {
  const { encryptedData, encryptedDEKSource, annotations, encryptedDEKSourceType, keyID } = object;
  if (encryptedDEKSourceType !== ofKey && encryptedDEKSourceType !== ofSeed) {
    throw new Error(`unknown encryptedDEKSourceType: ${encryptedDEKSourceType}`);
  }
  if (encryptedData.length === 0) throw new Error('encrypted data is empty');
  const source = 'failed to validate encrypted DEK source: encrypted DEK source is';
  if (encryptedDEKSource.length === 0) throw new Error(`${source} empty`);
  if (encryptedDEKSource.length > sourceBytesMax) {
    throw new Error(
      `${source} ${encryptedDEKSource.length} bytes, which exceeds the max size of ${sourceBytesMax}`,
    );
  }
  const id = keyIdProblem(keyID);
  if (id) throw new Error(`failed to validate key id: ${id}`);
  checkAnnotations(annotations);
}

function checkAnnotations(annotations: EncryptedObject['annotations']): void {
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    bytes += Buffer.byteLength(key) + value.length;
    if (dns1123Subdomain(key).length === 0 && key.includes('.')) continue;
    throw new Error(
      `failed to validate annotations: annotations: Invalid value: ${JSON.stringify(key)}: should be a domain with at least two segments separated by dots`,
    );
  }
  if (bytes <= annotationBytesMax) return;
  throw new Error(
    `failed to validate annotations: total size of annotations is ${bytes}, which exceeds the max size of ${annotationBytesMax}`,
  );
}

/** Why a key ID is invalid; empty for a valid one. */
export function keyIdProblem(keyId: string): string {
  const bytes = Buffer.byteLength(keyId);
  if (bytes === 0) return 'keyID is empty';
  return bytes > idBytesMax ? `keyID is ${bytes} bytes, which exceeds the max size of ${idBytesMax}` : '';
}

/** The form in which messages show a key ID. */
export function keyIdHash(keyId: string): string {
  return keyId === '' ? '' : `sha256:${createHash('sha256').update(keyId).digest('hex')}`;
}

/** Equal for objects whose keys come from one seed. */
export function cacheKeyOf(source: Omit<EncryptedObject, 'encryptedData'>): string {
  const { encryptedDEKSourceType, encryptedDEKSource, keyID, annotations } = source;
  const texts = Object.entries(annotations)
    .map(([key, value]) => [key, Buffer.from(value).toString('base64')])
    .sort();
  return JSON.stringify([
    encryptedDEKSourceType,
    Buffer.from(encryptedDEKSource).toString('base64'),
    keyID,
    texts,
  ]);
}
