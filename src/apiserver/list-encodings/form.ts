/** How a collection is written: what stands before its items, the items, and what stands behind them. */

import type { ListMeta } from '#api/meta/object.ts';
import type { Entry } from '../cache/entry.ts';
import type { SegmentMemory } from './segment-memory.ts';

export interface ItemsForm {
  /** Equal keys write equal items. */
  readonly key: string;
  readonly contentType: string;
  /** About so many stored bytes are encoded in one step. */
  readonly stepBytes: number;
  /** As how many bytes one counts; default its length. */
  costOf?(entry: Entry): number;
  /** The items as bytes, written into `memory` of earlier segments if it is given. */
  items(entries: readonly Entry[], isFirst: boolean, memory?: SegmentMemory): Uint8Array;
}

export interface ListForm extends ItemsForm {
  /** The head says how long the items are, so they have to be encoded before it, or measured. */
  readonly hasKnownLength: boolean;
  /** Where that is known without writing it: how long an entry is. */
  readonly measure?: Measure;
  head(metadata: ListMeta, itemsBytes: number): Uint8Array;
  tail(metadata: ListMeta, itemsBytes: number): Uint8Array;
}

export interface Measure {
  lengthOf(entry: Entry): number;
  /** What that takes: 1 for looking it up. */
  costOf(entry: Entry): number;
}

/** Joined from stored bytes. */
export const joinedStepBytes = 128 * 1024;
/** Parsed and encoded again: ten times as expensive. */
export const parsedStepBytes = 48 * 1024;
