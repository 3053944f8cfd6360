/** AES in the forms that kube-apiserver stores: CBC, GCM with a random nonce, and GCM with a key for each value. */

import { type CipherGCMTypes, createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import type { Random } from '#base/random.ts';
import { type Transformer, tooShort } from './transformer.ts';

const blockBytes = 16;
const nonceBytes = 12;
const tagBytes = 16;
const infoBytes = 32;
export const seedBytesMin = 32;

export function aesCbc(key: Uint8Array, random: Random): Transformer {
  const cipher = `aes-${key.length * 8}-cbc`;
  return {
    decrypt(data) {
      if (data.length < blockBytes) throw new Error(tooShort);
      if (data.length % blockBytes !== 0) {
        throw new Error('the stored data is not a multiple of the block size');
      }
      const opened = createDecipheriv(cipher, key, data.subarray(0, blockBytes)).setAutoPadding(false);
      const padded = Buffer.concat([opened.update(data.subarray(blockBytes)), opened.final()]);
      return { value: unpadded(padded), isStale: false };
    },
    encrypt(data) {
      const iv = random.bytes(blockBytes);
      const sealed = createCipheriv(cipher, key, iv);
      return Buffer.concat([iv, sealed.update(data), sealed.final()]);
    },
  };
}

/** PKCS #7, with upstream's errors. */
function unpadded(padded: Buffer): Buffer {
  const count = padded.at(-1) ?? 0;
  if (count === 0 || count > padded.length) throw new Error('invalid PKCS7 data (empty or not padded)');
  const end = padded.length - count;
  if (!padded.subarray(end).every((byte) => byte === count)) throw new Error('invalid padding on input');
  return padded.subarray(0, end);
}

/** The value is bound to its key in the store. */
export function aesGcm(key: Uint8Array, random: Random): Transformer {
  const cipher = `aes-${key.length * 8}-gcm` as CipherGCMTypes;
  return {
    decrypt(data, at) {
      if (data.length < nonceBytes) throw new Error(tooShort);
      if (data.length < nonceBytes + tagBytes) throw new Error(notAuthentic);
      const opened = createDecipheriv(cipher, key, data.subarray(0, nonceBytes));
      opened.setAAD(Buffer.from(at));
      opened.setAuthTag(data.subarray(data.length - tagBytes));
      const text = opened.update(data.subarray(nonceBytes, data.length - tagBytes));
      try {
        return { value: Buffer.concat([text, opened.final()]), isStale: false };
      } catch {
        throw new Error(notAuthentic);
      }
    },
    encrypt(data, at) {
      const nonce = random.bytes(nonceBytes);
      const sealed = createCipheriv(cipher, key, nonce);
      sealed.setAAD(Buffer.from(at));
      return Buffer.concat([nonce, sealed.update(data), sealed.final(), sealed.getAuthTag()]);
    },
  };
}

/** Of Go's crypto/cipher. */
const notAuthentic = 'cipher: message authentication failed';

/** Each value has a key of its own, made of the seed and of random bytes that are stored before the value. */
export function aesGcmOfSeed(seed: Uint8Array, random: Random): Transformer {
  if (seed.length < seedBytesMin) {
    throw new Error(`invalid seed length ${seed.length} used for key generation`);
  }
  return {
    decrypt(data, at) {
      if (data.length < infoBytes) throw new Error(tooShort);
      return aesGcm(expand(seed, data.subarray(0, infoBytes)), random).decrypt(data.subarray(infoBytes), at);
    },
    encrypt(data, at) {
      const info = random.bytes(infoBytes);
      return Buffer.concat([info, aesGcm(expand(seed, info), random).encrypt(data, at)]);
    },
  };
}

/** The first 32 bytes of HKDF-Expand (RFC 5869): its first block. */
function expand(seed: Uint8Array, info: Uint8Array): Buffer {
  return createHmac('sha256', seed)
    .update(info)
    .update(Buffer.from([1]))
    .digest();
}
