/**
 * The segments of an encoding, compressed on other threads and shared like the segments themselves: each ends
 * at a byte and refers to nothing before it, so that a reader's answer is put together from them as one gzip
 * member.
 */

import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';
import type { Kept, KeptBytes } from './kept-bytes.ts';
import type { SharedEncoding } from './shared-encoding.ts';

export interface GzipSegment {
  readonly bytes: Uint8Array;
  /** Of what was compressed. */
  readonly crc: number;
  readonly plainLength: number;
}

/** Upstream's level. */
export const gzipLevel = 1;
const deflate = promisify(deflateRaw);

interface Place extends Kept {
  made: Promise<GzipSegment> | undefined;
}

export class GzipSegments {
  readonly #encoding: SharedEncoding;
  readonly #kept: KeptBytes;
  readonly #places: Place[] = [];
  #isClosed = false;

  constructor(encoding: SharedEncoding, kept: KeptBytes) {
    this.#encoding = encoding;
    this.#kept = kept;
  }

  segment(at: number): Promise<GzipSegment> {
    this.#places[at] ??= {
      made: undefined,
      drop() {
        this.made = undefined;
      },
    };
    const place = this.#places[at];
    place.made ??= this.#compress(at, place);
    return place.made;
  }

  close(): void {
    this.#isClosed = true;
    for (const place of this.#places) if (place) this.#kept.forget(place);
  }

  async #compress(at: number, place: Place): Promise<GzipSegment> {
    const plain = this.#encoding.segment(at);
    const bytes = await deflate(plain, { level: gzipLevel, finishFlush: constants.Z_FULL_FLUSH });
    this.#encoding.forget(at);
    // The last reader may have gone while this was made.
    if (this.#isClosed) place.drop();
    else this.#kept.keep(place, bytes.length);
    return { bytes, crc: crc32(plain), plainLength: plain.length };
  }
}
