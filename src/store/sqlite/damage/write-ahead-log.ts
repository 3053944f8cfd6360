/**
 * Looks through SQLite's write-ahead log for commits that SQLite would pass over: it stops reading at the
 * first frame whose checksum is wrong, and says nothing about what follows.
 *
 * 1. Walk the frames as SQLite does, up to the first one that is wrong.
 * 2. Behind it a transaction that was being written at a power failure may have left frames: no commit was
 *    acknowledged.
 * 3. But a transaction only begins when the one before is on the disk. A frame behind a whole commit
 *    therefore proves that the wrong frame belonged to something acknowledged.
 *
 * The format is in https://www.sqlite.org/fileformat2.html#the_write_ahead_log.
 */

import { existsSync, readFileSync } from 'node:fs';
import { pageBytes } from '../format.ts';

const headerBytes = 32;
const frameHeaderBytes = 24;
/** The last bit of the magic number says in which byte order the checksums count. */
const magic = 0x377f0682;

interface Sum {
  readonly first: number;
  readonly second: number;
}

/** Why the log of the store at `path` is damaged, or undefined. */
export function damageOfLog(path: string): string | undefined {
  const name = `${path}-wal`;
  const log = existsSync(name) ? readFileSync(name) : Buffer.alloc(0);
  if (log.length <= headerBytes) return undefined;
  const start = headerSum(log);
  if (!start) return `${name} is damaged: its header is not what was written`;
  const frames = new Frames(log);
  const wrong = frames.firstWrong(start);
  if (!frames.hasCommitAndMore(wrong)) return undefined;
  return `${name} is damaged: frame ${wrong + 1} of ${frames.count} is not what was written`;
}

export interface Frame {
  /** Number of the page, from 1. */
  readonly page: number;
  readonly bytes: Buffer;
}

/**
 * The frames of `log` that are what was written, in order, whatever is wrong with those before them: a
 * frame's checksum goes on from the one that the frame before it holds.
 */
export function goodFrames(log: Buffer): Frame[] {
  if (log.length <= headerBytes || log.readUInt32BE(8) !== pageBytes) return [];
  return new Frames(log).good();
}

function headerSum(log: Buffer): Sum | undefined {
  if ((log.readUInt32BE(0) & ~1) >>> 0 !== magic) return undefined;
  const sum = add({ first: 0, second: 0 }, log.subarray(0, 24), isBigEndian(log));
  return isAt(log, 24, sum) ? sum : undefined;
}

function isBigEndian(log: Buffer): boolean {
  return (log.readUInt32BE(0) & 1) === 1;
}

function sumAt(log: Buffer, offset: number): Sum {
  return { first: log.readUInt32BE(offset), second: log.readUInt32BE(offset + 4) };
}

function isAt(log: Buffer, offset: number, { first, second }: Sum): boolean {
  return log.readUInt32BE(offset) === first && log.readUInt32BE(offset + 4) === second;
}

class Frames {
  readonly count: number;
  readonly #log: Buffer;
  readonly #frameBytes: number;

  constructor(log: Buffer) {
    this.#log = log;
    this.#frameBytes = frameHeaderBytes + log.readUInt32BE(8);
    this.count = Math.floor((log.length - headerBytes) / this.#frameBytes);
  }

  firstWrong(start: Sum): number {
    let sum = start;
    for (let frame = 0; frame < this.count; frame++) {
      sum = this.#sumAfter(frame, sum);
      if (!this.#isOfThisLog(frame) || !isAt(this.#log, this.#at(frame) + 16, sum)) return frame;
    }
    return this.count;
  }

  good(): Frame[] {
    const found: Frame[] = [];
    // Where the header is damaged, the first frame shows which round of the log this is.
    const salts = headerSum(this.#log) ? 16 : this.#at(0) + 8;
    let before = sumAt(this.#log, 24);
    for (let frame = 0; frame < this.count; frame++) {
      const at = this.#at(frame);
      const isGood = this.#hasSalts(frame, salts) && isAt(this.#log, at + 16, this.#sumAfter(frame, before));
      const bytes = this.#log.subarray(at + frameHeaderBytes, at + this.#frameBytes);
      if (isGood) found.push({ page: this.#log.readUInt32BE(at), bytes });
      before = sumAt(this.#log, at + 16);
    }
    return found;
  }

  #sumAfter(frame: number, before: Sum): Sum {
    const at = this.#at(frame);
    const isBig = isBigEndian(this.#log);
    const sum = add(before, this.#log.subarray(at, at + 8), isBig);
    return add(sum, this.#log.subarray(at + frameHeaderBytes, at + this.#frameBytes), isBig);
  }

  /** From `wrong` on: the end of a transaction, and after it a frame of another. */
  hasCommitAndMore(wrong: number): boolean {
    let hasCommit = false;
    for (let frame = wrong; frame < this.count; frame++) {
      if (!this.#isOfThisLog(frame)) continue;
      if (hasCommit) return true;
      hasCommit = this.#log.readUInt32BE(this.#at(frame) + 4) !== 0;
    }
    return false;
  }

  /** Frames of the log's earlier round lie behind those of this one, with other salts. */
  #isOfThisLog(frame: number): boolean {
    return this.#hasSalts(frame, 16);
  }

  /** Those that lie at `offset`. */
  #hasSalts(frame: number, offset: number): boolean {
    const at = this.#at(frame) + 8;
    return this.#log.compare(this.#log, offset, offset + 8, at, at + 8) === 0;
  }

  #at(frame: number): number {
    return headerBytes + frame * this.#frameBytes;
  }
}

function add({ first, second }: Sum, bytes: Buffer, isBig: boolean): Sum {
  let [a, b] = [first, second];
  for (let at = 0; at < bytes.length; at += 8) {
    a = (a + (isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + b) >>> 0;
    b = (b + (isBig ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + a) >>> 0;
  }
  return { first: a, second: b };
}
