/** NaCl's secretbox: XSalsa20 and Poly1305 with a random nonce, which is stored before the box. */

import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import type { Random } from '#base/random.ts';
import { type Transformer, tooShort } from './transformer.ts';

const nonceBytes = 24;
const tagBytes = 16;

export function secretbox(key: Uint8Array, random: Random): Transformer {
  return {
    decrypt(data) {
      if (data.length < nonceBytes + tagBytes) throw new Error(tooShort);
      try {
        const box = xsalsa20poly1305(key, data.subarray(0, nonceBytes));
        return { value: box.decrypt(data.subarray(nonceBytes)), isStale: false };
      } catch {
        // Upstream's message for a value that is not authentic.
        throw new Error('output array was not large enough for encryption');
      }
    },
    encrypt(data) {
      const nonce = random.bytes(nonceBytes);
      return Buffer.concat([nonce, xsalsa20poly1305(key, nonce).encrypt(data)]);
    },
  };
}
