/**
 * A collection in one form, encoded segment by segment as its readers come to them. All who ask for the same
 * read from one encoding, each at its own speed; a segment that is no longer kept when a slow reader comes to
 * it is made again.
 */

import type { Entry } from '../cache/entry.ts';
import type { ItemsForm } from './form.ts';
import type { Kept, KeptBytes } from './kept-bytes.ts';
import type { SegmentMemory } from './segment-memory.ts';

/** The objects, and which of them are meant. */
export interface Source {
  readonly candidates: readonly Entry[];
  matches(entry: Entry): boolean;
}

/** Bounds of one step beside its bytes. */
const stepItemsMax = 500;
const stepTestsMax = 10_000;

interface Segment extends Kept {
  readonly entries: readonly [from: number, to: number];
  readonly length: number;
  bytes: Uint8Array | undefined;
}

export class SharedEncoding {
  readonly form: ItemsForm;
  readonly #source: Source;
  readonly #kept: KeptBytes;
  readonly #memory: SegmentMemory;
  readonly #segments: Segment[] = [];
  #next = 0;
  #itemsBytes = 0;
  #isShared = false;

  constructor(form: ItemsForm, source: Source, kept: KeptBytes, memory: SegmentMemory) {
    this.form = form;
    this.#source = source;
    this.#kept = kept;
    this.#memory = memory;
  }

  get isComplete(): boolean {
    return this.#next >= this.#source.candidates.length;
  }

  /** How many segments there are by now. */
  get count(): number {
    return this.#segments.length;
  }

  /** The length of the segments by now. */
  get itemsBytes(): number {
    return this.#itemsBytes;
  }

  /** Guessed from what is encoded already. */
  get estimatedBytes(): number {
    return this.#next === 0 ? 0 : (this.#itemsBytes * this.#source.candidates.length) / this.#next;
  }

  /** Encodes some more, if there is more; not every step finds something. */
  step(): void {
    const { candidates } = this.#source;
    const from = this.#next;
    let bytes = 0;
    let items = 0;
    const end = Math.min(candidates.length, from + stepTestsMax);
    while (this.#next < end && bytes < this.form.stepBytes && items < stepItemsMax) {
      const entry = candidates[this.#next++]!;
      if (!this.#source.matches(entry)) continue;
      bytes += this.form.costOf?.(entry) ?? entry.value.length;
      items++;
    }
    if (items > 0) this.#add([from, this.#next]);
  }

  segment(at: number): Uint8Array {
    const segment = this.#segments[at]!;
    segment.bytes ??= this.#encode(segment.entries, at === 0);
    this.#kept.keep(segment, segment.length);
    return segment.bytes;
  }

  /** A second reader has come. */
  share(): void {
    this.#isShared = true;
  }

  /** A reader has sent this segment. If it is the only one so far, its memory serves another segment. */
  sent(at: number): void {
    const segment = this.#segments[at]!;
    const { bytes } = segment;
    if (this.#isShared || !bytes) return;
    this.#kept.forget(segment);
    this.#memory.giveBack(bytes);
  }

  /** Releases one segment: its compressed form is kept instead. */
  forget(at: number): void {
    this.#kept.forget(this.#segments[at]!);
  }

  /** Releases everything that is kept. */
  close(): void {
    for (const segment of this.#segments) this.#kept.forget(segment);
  }

  #add(entries: readonly [number, number]): void {
    const bytes = this.#encode(entries, this.count === 0);
    const segment: Segment = {
      entries,
      length: bytes.length,
      bytes,
      drop() {
        this.bytes = undefined;
      },
    };
    this.#segments.push(segment);
    this.#itemsBytes += bytes.length;
    this.#kept.keep(segment, bytes.length);
  }

  #encode([from, to]: readonly [number, number], isFirst: boolean): Uint8Array {
    const { candidates } = this.#source;
    return this.form.items(
      candidates.slice(from, to).filter((entry) => this.#source.matches(entry)),
      isFirst,
      this.#memory,
    );
  }
}
