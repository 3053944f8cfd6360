/**
 * A second encoding of objects, kept beside their stored bytes from when it is first asked for: in protobuf, a list or a
 * watch is then as much a matter of copying as in JSON.
 *
 * Its memory is bounded, in two generations: when the recent one is full, what was not used since it began is dropped
 * with the old one. When memory is short, everything is.
 */

import type { MemoryWatch } from '#host/memory/watch.ts';
import type { Entry, KeptEncoding } from './entry.ts';

const bytesMax = 128 * 1024 * 1024;
/** What is longer takes long to send as well. */
const entryBytesMax = 64 * 1024;
/** Of one generation: what is dropped together lies together. */
const slabBytes = 256 * 1024;

/** The field of an entry that keeps the encoding. */
type Slot = 'encoding' | 'row';

export interface Encoding {
  /** Names the encoding: an object has one at a time. */
  readonly key: string;
  encode(entry: Entry): Uint8Array;
}

export class EncodedEntries {
  readonly #memory: Pick<MemoryWatch, 'isShort'>;
  readonly #slot: Slot;
  readonly #generationBytesMax: number;
  #recent: KeptEncoding[] = [];
  #old: KeptEncoding[] = [];
  #recentBytes = 0;
  #generation = 1;
  #slab = Buffer.alloc(0);
  #slabUsed = 0;

  constructor(memory: Pick<MemoryWatch, 'isShort'>, slot: Slot = 'encoding', limitBytes = bytesMax) {
    this.#memory = memory;
    this.#slot = slot;
    this.#generationBytesMax = limitBytes / 2;
  }

  has(entry: Entry, { key }: Encoding): boolean {
    const kept = entry[this.#slot];
    return kept?.key === key && kept.bytes !== undefined;
  }

  /** The caller must not change the bytes. */
  of(entry: Entry, encoding: Encoding): Uint8Array {
    const { key } = encoding;
    const kept = entry[this.#slot];
    const known = kept?.key === key ? kept : undefined;
    if (known?.bytes && known.generation === this.#generation) return known.bytes;
    const bytes = known?.bytes ?? encoding.encode(entry);
    if (this.#memory.isShort) this.#dropAll();
    else if (bytes.length <= entryBytesMax) entry[this.#slot] = this.#keep(key, bytes);
    return bytes;
  }

  #keep(key: string, bytes: Uint8Array): KeptEncoding {
    if (this.#recentBytes + bytes.length > this.#generationBytesMax) this.#nextGeneration();
    const kept = { key, bytes: this.#place(bytes), generation: this.#generation };
    this.#recent.push(kept);
    this.#recentBytes += bytes.length;
    return kept;
  }

  #place(bytes: Uint8Array): Uint8Array {
    if (this.#slabUsed + bytes.length > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(slabBytes);
      this.#slabUsed = 0;
    }
    const start = this.#slabUsed;
    this.#slab.set(bytes, start);
    this.#slabUsed += bytes.length;
    return this.#slab.subarray(start, this.#slabUsed);
  }

  #nextGeneration(): void {
    for (const kept of this.#old) kept.bytes = undefined;
    this.#old = this.#recent;
    this.#recent = [];
    this.#recentBytes = 0;
    this.#generation++;
    this.#slab = Buffer.alloc(0);
    this.#slabUsed = 0;
  }

  #dropAll(): void {
    this.#nextGeneration();
    this.#nextGeneration();
  }
}
