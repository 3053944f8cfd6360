/** What an encoding's segments become on their way out: themselves, or parts of one gzip member. */

import { constants, crc32, deflateRawSync } from 'node:zlib';
import { combineCrc32 } from './crc32-combine.ts';
import { type GzipSegments, gzipLevel } from './gzip-segments.ts';
import type { SharedEncoding } from './shared-encoding.ts';

export interface Packing {
  open(head: Uint8Array): Uint8Array;
  segment(at: number): Uint8Array | Promise<Uint8Array>;
  /** What `segment` returned has been sent. */
  sent(at: number): void;
  close(tail: Uint8Array): Uint8Array;
}

export function plainPacking(encoding: SharedEncoding): Packing {
  return {
    open: (head) => head,
    segment: (at) => encoding.segment(at),
    sent: (at) => encoding.sent(at),
    close: (tail) => tail,
  };
}

/** Deflate, no name, no time, unknown system. */
const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
const footerBytes = 8;
const sizeModulus = 2 ** 32;

export function gzipPacking(segments: GzipSegments): Packing {
  let crc = 0;
  let size = 0;
  const count = (pieceCrc: number, length: number) => {
    crc = combineCrc32(crc, pieceCrc, length);
    size += length;
  };
  return {
    open(head) {
      count(crc32(head), head.length);
      const options = { level: gzipLevel, finishFlush: constants.Z_FULL_FLUSH };
      return Buffer.concat([gzipHeader, deflateRawSync(head, options)]);
    },
    async segment(at) {
      const { bytes, crc: pieceCrc, plainLength } = await segments.segment(at);
      count(pieceCrc, plainLength);
      return bytes;
    },
    sent: () => {},
    close(tail) {
      count(crc32(tail), tail.length);
      const footer = Buffer.allocUnsafe(footerBytes);
      footer.writeUInt32LE(crc, 0);
      footer.writeUInt32LE(size % sizeModulus, 4);
      return Buffer.concat([deflateRawSync(tail, { level: gzipLevel }), footer]);
    },
  };
}
