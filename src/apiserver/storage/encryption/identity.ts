/** Stores values in the clear; refuses to read a value that another transformer has encrypted. */

import { startsWith } from './prefixed.ts';
import type { Transformer } from './transformer.ts';

const encryptedPrefix = Buffer.from('k8s:enc:');

/** Whether any provider has encrypted the value. */
export function isEncrypted(value: Uint8Array): boolean {
  return startsWith(value, encryptedPrefix);
}

export const identity: Transformer = {
  decrypt(data) {
    if (isEncrypted(data)) {
      throw new Error('identity transformer tried to read encrypted data');
    }
    return { value: data, isStale: false };
  },
  encrypt: (data) => data,
};
