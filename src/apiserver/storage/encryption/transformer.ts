/** A cipher of stored values, as upstream's `value.Transformer`: encrypts on the way to the store, decrypts on the way back. */

export interface Decrypted {
  readonly value: Uint8Array;
  /** A write would store the value differently now: by another key, or in the clear. */
  readonly isStale: boolean;
}

/** `key` is the value's key in the store: a cipher with authenticated data binds the value to it. */
export interface Transformer {
  /** Throws for a value that it cannot decrypt. A promise only where a key service has to be called. */
  decrypt(data: Uint8Array, key: string): Decrypted | Promise<Decrypted>;
  encrypt(data: Uint8Array, key: string): Uint8Array;
}

/** The key service does not answer: the value may be decrypted later. */
export class KeyServiceUnavailable extends Error {
  override name = 'KeyServiceUnavailable';
}

export const tooShort = 'the stored data was shorter than the required size';
