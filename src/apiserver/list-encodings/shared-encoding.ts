/**
 * A collection in one form, encoded segment by segment as its readers come to them. All who ask for the same
 * read from one encoding, each at its own speed; a segment that is no longer kept when a slow reader comes to
 * it is made again.
 */

import type { Entry } from '../cache/entry.ts';
import type { ItemsForm, Measure } from './form.ts';
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
/** Of one step of measuring, by the form's own costs. */
const measureCostMax = 2000;

interface Segment extends Kept {
  readonly entries: readonly [from: number, to: number];
  readonly length: number;
  bytes: Uint8Array | undefined;
  /** How often it was given out, less how often it has been sent. */
  unsent: number;
}

export class SharedEncoding {
  readonly form: ItemsForm;
  readonly #source: Source;
  readonly #kept: KeptBytes;
  readonly #memory: SegmentMemory;
  readonly #segments: Segment[] = [];
  #next = 0;
  #itemsBytes = 0;
  #begunCost = 0;
  #nextMeasured = 0;
  #measuredBytes = 0;
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

  /** As `costOf` of its form says, what has been encoded by now. */
  get begunCost(): number {
    return this.#begunCost;
  }

  /** The length of all items is known: they are encoded, or measured. */
  get hasLength(): boolean {
    return this.isComplete || this.#nextMeasured >= this.#source.candidates.length;
  }

  /** The length of all items, once it is known. */
  get wholeBytes(): number {
    return this.isComplete ? this.#itemsBytes : this.#measuredBytes;
  }

  /** One step towards that length. */
  measure({ lengthOf, costOf }: Measure): void {
    const { candidates } = this.#source;
    let cost = 0;
    while (this.#nextMeasured < candidates.length && cost < measureCostMax) {
      const entry = candidates[this.#nextMeasured++]!;
      cost++;
      if (!this.#source.matches(entry)) continue;
      cost += costOf(entry);
      this.#measuredBytes += lengthOf(entry);
    }
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
    this.#begunCost += bytes;
    if (items > 0) this.#add([from, this.#next]);
  }

  segment(at: number): Uint8Array {
    const segment = this.#segments[at]!;
    segment.bytes ??= this.#encode(segment.entries, at === 0);
    segment.unsent++;
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
    segment.unsent--;
    if (!this.#isShared) this.#reuse(segment);
  }

  /** Releases one segment: its compressed form is kept instead. */
  forget(at: number): void {
    this.#kept.forget(this.#segments[at]!);
  }

  /** Releases everything that is kept. */
  close(): void {
    for (const segment of this.#segments) this.#reuse(segment);
  }

  /** Gives the segment up, and its memory too, unless a response may still read it. */
  #reuse(segment: Segment): void {
    const { bytes, unsent } = segment;
    this.#kept.forget(segment);
    if (bytes && unsent === 0) this.#memory.giveBack(bytes);
  }

  #add(entries: readonly [number, number]): void {
    const bytes = this.#encode(entries, this.count === 0);
    const segment: Segment = {
      entries,
      length: bytes.length,
      bytes,
      unsent: 0,
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
