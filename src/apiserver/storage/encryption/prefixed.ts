/**
 * Transformers by the prefix of their stored values. The first one encrypts; a value is decrypted by the first one
 * that has its prefix and a fitting key.
 */

import { aggregateText } from '#api/go/aggregate.ts';
import { asBuffer } from '#base/text/as-buffer.ts';
import { type Decrypted, KeyServiceUnavailable, type Transformer } from './transformer.ts';

export interface PrefixedTransformer {
  /** Empty: any value that is not encrypted. */
  readonly prefix: string;
  readonly transformer: Transformer;
}

export function prefixed(transformers: readonly PrefixedTransformer[], unknown: string): Transformer {
  const known = transformers.map(({ prefix, transformer }, index) => ({
    bytes: Buffer.from(prefix),
    transformer,
    isStale: index > 0,
  }));
  const [writer] = known;

  function decrypt(data: Uint8Array, key: string, from: number, errors: readonly string[]) {
    const failures = [...errors];
    for (let i = from; i < known.length; i++) {
      const { bytes, transformer, isStale } = known[i]!;
      if (!startsWith(data, bytes)) continue;
      try {
        const read = transformer.decrypt(data.subarray(bytes.length), key);
        if (!(read instanceof Promise)) return staleIf(read, isStale);
        return read.then(
          (value) => staleIf(value, isStale),
          (error: Error): Decrypted | Promise<Decrypted> =>
            decrypt(data, key, i + 1, [...failures, kept(error)]),
        );
      } catch (error) {
        // Another key of the same cipher may fit. The error of `identity`, without a prefix, says nothing.
        if (bytes.length > 0) failures.push(kept(error as Error));
      }
    }
    throw new Error(failures.length === 0 ? unknown : aggregateText(failures));
  }

  return {
    decrypt: (data, key) => decrypt(data, key, 0, []),
    encrypt: (data, key) => Buffer.concat([writer!.bytes, writer!.transformer.encrypt(data, key)]),
  };
}

function kept(error: Error): string {
  if (error instanceof KeyServiceUnavailable) throw error;
  return error.message;
}

function staleIf(read: Decrypted, isStale: boolean): Decrypted {
  return isStale && !read.isStale ? { ...read, isStale } : read;
}

export function startsWith(data: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.length === 0 || asBuffer(data).subarray(0, prefix.length).equals(prefix);
}
