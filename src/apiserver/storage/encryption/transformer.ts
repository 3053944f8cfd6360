/** How a value is changed on its way to the store, and back. */

export interface Decrypted {
  readonly value: Uint8Array;
  /** It would be stored differently now: by another key, or in the clear. */
  readonly isStale: boolean;
}

/** `key` is the value's key in the store, to which it is bound where the cipher can do that. */
export interface Transformer {
  /** Throws when it cannot. A promise only where a key has to be asked for. */
  decrypt(data: Uint8Array, key: string): Decrypted | Promise<Decrypted>;
  encrypt(data: Uint8Array, key: string): Uint8Array;
}

/** The key service does not answer: the value may be readable later. */
export class KeyServiceUnavailable extends Error {
  override name = 'KeyServiceUnavailable';
}

export const tooShort = 'the stored data was shorter than the required size';
